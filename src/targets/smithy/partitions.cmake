# Takes AWS's partitions into the targets library (tools/partitions.py).
taken(toolgate_targets partitions partitions_data.cc "Taking AWS's partitions" contract)
