#include "aws/xml_roots.h"

#include <algorithm>
#include <array>

namespace toolgate::aws {
namespace {

struct Row {
  std::string_view shape;
  std::string_view root;
};

// "Response syntax" of each operation, Amazon S3 API Reference. Some clients go by these names.
constexpr std::array rows{
    Row{"ListBucketsOutput", "ListAllMyBucketsResult"},
    Row{"ListObjectsOutput", "ListBucketResult"},
    Row{"ListObjectsV2Output", "ListBucketResult"},
    Row{"ListObjectVersionsOutput", "ListVersionsResult"},
    Row{"ListPartsOutput", "ListPartsResult"},
    Row{"ListMultipartUploadsOutput", "ListMultipartUploadsResult"},
    Row{"CreateMultipartUploadOutput", "InitiateMultipartUploadResult"},
    Row{"CompleteMultipartUploadOutput", "CompleteMultipartUploadResult"},
    Row{"DeleteObjectsOutput", "DeleteResult"},
    Row{"GetBucketLocationOutput", "LocationConstraint"},
    Row{"GetBucketLifecycleConfigurationOutput", "LifecycleConfiguration"},
    Row{"GetBucketTaggingOutput", "Tagging"},
    Row{"GetObjectTaggingOutput", "Tagging"},
    Row{"GetBucketVersioningOutput", "VersioningConfiguration"},
    Row{"GetObjectAttributesOutput", "GetObjectAttributesResponse"},
};

}  // namespace

std::string_view root_name(std::string_view shape) {
  const auto* found = std::ranges::find(rows, shape, &Row::shape);
  return found == rows.end() ? shape : found->root;
}

std::string_view root_namespace(const Contract& contract) {
  return contract.xml_namespace.empty() ? "http://s3.amazonaws.com/doc/2006-03-01/"
                                        : contract.xml_namespace;
}

}  // namespace toolgate::aws
