# Cuts the AWS service models at build time and takes them into the aws library (tools/contract.py).
taken(toolgate_aws contract contract_data.cc "Cutting the AWS service models"
  ${CMAKE_CURRENT_SOURCE_DIR}/aws/served.txt)
