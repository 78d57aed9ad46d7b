"""boto3, newest and the one of the tutorials: one script through both, unmodified."""
import os
import subprocess

import pytest
from harness.programs import ROOT


@pytest.mark.parametrize('environment, version', [
    ('tests', '1.44.5'), ('boto3-1.43.11', '1.43.11')])
def test_one_life_of_a_gateway(server, orders_url, environment, version):
    exported = server.environment()
    done = subprocess.run(
        [ROOT / '.venv' / environment / 'bin/python', ROOT / 'tests/clients/boto3_calls.py',
         server.base, exported['AWS_REGION'], orders_url],
        capture_output=True, text=True, timeout=90, env=os.environ | exported)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == version
