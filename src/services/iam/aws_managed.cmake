# Takes the common policies of AWS into the iam library (tools/aws_managed.py).
taken(toolgate_services_iam aws_managed aws_managed_data.cc "Taking the common policies of AWS"
  contract)
