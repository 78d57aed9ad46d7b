"""Code.Location of Lambda's GetFunction: the archive under a URL that needs no signature."""
import requests
from harness.functions import Function, zipped

ECHO = '''
def handler(event, context):
    return event
'''


def test_the_archive_can_be_had_again(server, unique):
    code = zipped(app__py=ECHO + '#' * 700_000)
    one = Function(server, unique('function'), ECHO, Code={'ZipFile': code})
    client = one.client
    location = client.get_function(FunctionName=one.name)['Code']['Location']
    got = requests.get(location, timeout=30)  # nothing signs it, nobody signs in
    assert got.status_code == 200 and got.content == code
    assert got.headers['content-type'] == 'application/zip'
    assert requests.head(location, timeout=30).status_code == 200
    assert requests.post(location, timeout=30).status_code == 405
    for wrong in (location[:-1] + ('A' if location[-1] != 'A' else 'B'), location[:-20],
                  location.rsplit('/', 1)[0] + '/'):
        refusal = requests.get(wrong, timeout=30)
        assert refusal.status_code in (403, 404) and b'PK' not in refusal.content, wrong
    client.publish_version(FunctionName=one.name)
    client.update_function_code(FunctionName=one.name, ZipFile=zipped(app__py=ECHO))
    assert requests.get(location, timeout=30).status_code == 404
    old = client.get_function(FunctionName=one.name, Qualifier='1')['Code']['Location']
    assert requests.get(old, timeout=30).content == code
