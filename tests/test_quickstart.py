"""What ./quickstart tells its user to type."""
import importlib.util
import subprocess

from harness.server import ROOT


def test_the_quickstarts_lines_stand_in_folders_with_spaces(monkeypatch, tmp_path, capsys):
    found = importlib.util.spec_from_file_location('quickstart', ROOT / 'tools/quickstart.py')
    quickstart = importlib.util.module_from_spec(found)
    found.loader.exec_module(quickstart)
    monkeypatch.setattr(quickstart, 'TOOLGATE', tmp_path / 'my töols' / 'toolgate')
    home = tmp_path / 'a home'
    quickstart.what_next('url', 'base', {'client_id': 'c', 'secret': 's'}, home)
    lines = capsys.readouterr().out.splitlines()
    [export] = [line for line in lines if line.startswith('export ')]
    shown = subprocess.run(['sh', '-c', f'{export}; printf "%s\\n" "$PATH" "$TOOLGATE_DATA_DIR"'],
                           text=True, capture_output=True, check=True).stdout.splitlines()
    assert shown[0].startswith(f'{tmp_path}/my töols:') and shown[1] == str(home / 'data')
