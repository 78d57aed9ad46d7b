// The operations of the service.
#include "services/s3/service.h"

namespace toolgate::services::s3 {

aws::Service table(S3& s3) {
  aws::Service service{.name = "s3", .operations = {}};
  add_bucket_operations(s3, service.operations);
  add_setting_operations(s3, service.operations);
  add_object_operations(s3, service.operations);
  add_object_tag_operations(s3, service.operations);
  add_copy_operations(s3, service.operations);
  add_delete_operations(s3, service.operations);
  add_listing_operations(s3, service.operations);
  add_upload_operations(s3, service.operations);
  add_part_operations(s3, service.operations);
  add_complete_operation(s3, service.operations);
  return service;
}

}  // namespace toolgate::services::s3
