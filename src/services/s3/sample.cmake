# Makes the sample of the public bucket at build time and takes it into the s3 library
# (tools/smithy_sample.py).
taken(toolgate_services_s3 smithy_sample sample_data.cc "Making the Smithy model of DynamoDB"
  smithy_models contract)
