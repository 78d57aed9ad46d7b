# Runs the handlers of Python functions: asks toolgate for calls over the Lambda Runtime API.
import os
import sys

sys.dont_write_bytecode = True
import json  # noqa: E402
import socket  # noqa: E402
import time  # noqa: E402

ENV = os.environ
HOST, _, PREFIX = ENV['AWS_LAMBDA_RUNTIME_API'].partition('/')
PATH = '/' + PREFIX + '/2018-06-01/runtime/'
MARK = ENV.pop('_TOOLGATE_MARK', '')


def load_shim():
    """AWS's host names lead to toolgate, also where the code spells them out."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shim.py')
    with open(path) as file:
        exec(compile(file.read(), path, 'exec'), {'__name__': 'toolgate_shim', '__file__': path})
    for name in ('DOMAINS', 'TLS', 'HTTP'):
        ENV.pop('TOOLGATE_SHIM_' + name, None)


load_shim()
AS_JSON = ENV.get('AWS_LAMBDA_LOG_FORMAT') == 'JSON'


class Api:
    """One connection, kept: requests of this program come one by one."""

    def __init__(self):
        self.connection = None
        self.reader = None

    def open(self):
        host, _, port = HOST.rpartition(':')
        self.connection = socket.create_connection((host, int(port)))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.connection.makefile('rb')

    def send(self, method, path, body=b'', kind=''):
        head = '%s %s%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n' % (
            method, PATH, path, HOST, len(body))
        if kind:
            head += 'Lambda-Runtime-Function-Error-Type: %s\r\n' % kind
        if body:
            head += 'Content-Type: application/json\r\n'
        for fresh in (False, True):
            try:
                if self.connection is None:
                    self.open()
                self.connection.sendall(head.encode('latin-1', 'replace') + b'\r\n' + body)
                return self.receive()
            except OSError:
                # An idle connection may have been closed; nothing was executed then.
                self.connection = None
                if fresh:
                    raise

    def receive(self):
        line = self.reader.readline()
        if not line:
            raise ConnectionResetError
        status = int(line.split()[1])
        headers = {}
        while True:
            line = self.reader.readline().rstrip(b'\r\n')
            if not line:
                break
            name, _, value = line.partition(b':')
            headers[name.decode('latin-1').lower()] = value.strip().decode('utf-8', 'replace')
        return status, headers, self.reader.read(int(headers.get('content-length', 0)))


class Identity:
    def __init__(self, text):
        given = json.loads(text) if text else {}
        self.cognito_identity_id = given.get('cognitoIdentityId')
        self.cognito_identity_pool_id = given.get('cognitoIdentityPoolId')


class Client:
    def __init__(self, given):
        self.installation_id = given.get('installation_id')
        self.app_title = given.get('app_title')
        self.app_version_name = given.get('app_version_name')
        self.app_version_code = given.get('app_version_code')
        self.app_package_name = given.get('app_package_name')


class ClientContext:
    def __init__(self, given):
        self.custom = given.get('custom')
        self.env = given.get('env')
        self.client = Client(given['client']) if isinstance(given.get('client'), dict) else None


class LambdaContext:
    def __init__(self, headers):
        context = headers.get('lambda-runtime-client-context')
        given = json.loads(context) if context else None
        self.aws_request_id = headers['lambda-runtime-aws-request-id']
        self.function_name = ENV.get('AWS_LAMBDA_FUNCTION_NAME')
        self.function_version = ENV.get('AWS_LAMBDA_FUNCTION_VERSION')
        self.memory_limit_in_mb = ENV.get('AWS_LAMBDA_FUNCTION_MEMORY_SIZE')
        self.log_group_name = ENV.get('AWS_LAMBDA_LOG_GROUP_NAME')
        self.log_stream_name = ENV.get('AWS_LAMBDA_LOG_STREAM_NAME')
        self.invoked_function_arn = headers.get('lambda-runtime-invoked-function-arn')
        self.client_context = ClientContext(given) if isinstance(given, dict) else None
        self.identity = Identity(headers.get('lambda-runtime-cognito-identity'))
        self.tenant_id = None
        self._deadline_ms = int(headers['lambda-runtime-deadline-ms'])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class Now:
    """The call that runs, for the lines of logging."""
    request_id = ''


def prepare_logging():
    """Only once the program imports logging: then its root logger writes as Lambda's does."""
    import importlib.abc

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name != 'logging':
                return None
            sys.meta_path.remove(self)
            import importlib.util
            spec = importlib.util.find_spec(name)
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                add_handler(module)

            spec.loader.exec_module = exec_module
            return spec

    if 'logging' in sys.modules:
        add_handler(sys.modules['logging'])
    else:
        sys.meta_path.insert(0, Finder())


def add_handler(logging):
    class Handler(logging.Handler):
        def emit(self, record):
            sys.stdout.write(self.format(record) + '\n')

    class Filter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = Now.request_id
            return True

    if AS_JSON:
        formatter = json_formatter(logging)
        level = ENV.get('AWS_LAMBDA_LOG_LEVEL', 'INFO')
        logging.root.setLevel({'TRACE': 'DEBUG', 'WARN': 'WARNING', 'FATAL': 'CRITICAL'}.get(
            level, level))
    else:
        formatter = logging.Formatter(
            '[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s',
            '%Y-%m-%dT%H:%M:%S')
        formatter.converter = time.gmtime
    handler = Handler()
    handler.setFormatter(formatter)
    handler.addFilter(Filter())
    logging.root.addHandler(handler)


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds)) + '.%03dZ' % (
        seconds % 1 * 1000)


def json_formatter(logging):
    """A record as Lambda's JSON format has it: what `extra` gives is a member too."""
    own = set(vars(logging.makeLogRecord({}))) | {'aws_request_id', 'asctime', 'message'}

    class Formatter(logging.Formatter):
        def format(self, record):
            told = {'timestamp': stamp(record.created), 'level': record.levelname,
                    'message': record.getMessage(), 'logger': record.name}
            if record.exc_info and record.exc_info[0]:
                import traceback
                kind, error, where = record.exc_info
                told.update(stackTrace=traceback.format_tb(where), errorType=kind.__name__,
                            errorMessage=str(error), location='%s:%s:%d' % (
                                record.pathname, record.funcName, record.lineno))
            if record.aws_request_id:
                told['requestId'] = record.aws_request_id
            for name, value in vars(record).items():
                if name not in own:
                    told.setdefault(name, value)
            return json.dumps(told, ensure_ascii=False, default=str)

    return Formatter()


def described(error, request_id=None, skip=0):
    import traceback
    frames = traceback.extract_tb(error.__traceback__)[skip:]
    told = {'errorMessage': str(error), 'errorType': type(error).__name__}
    if request_id is not None:
        told['requestId'] = request_id
    told['stackTrace'] = traceback.format_list(frames)
    return told


def show(told):
    if AS_JSON:
        print(json.dumps({'timestamp': stamp(time.time()), 'log_level': 'ERROR', **told},
                         ensure_ascii=False))
        return
    lines = ['[ERROR] %s: %s' % (told['errorType'], told['errorMessage'])]
    if told['stackTrace']:
        lines += ['Traceback (most recent call last):', ''.join(told['stackTrace']).rstrip()]
    print('\n'.join(lines))


def to_json(value):
    import decimal
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError('Object of type %s is not JSON serializable' % type(value).__name__)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass


def mark():
    """Says that all output of the call is written, and how much memory was used."""
    flush()
    if MARK:
        import resource
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        line = ('%s%d\n' % (MARK, used)).encode()
        while line:
            line = line[os.write(1, line):]


def load(name):
    """The handler "folder/module.function"."""
    if '.' not in name:
        return None, {'errorType': 'Runtime.MalformedHandlerName', 'stackTrace': [],
                      'errorMessage': "Bad handler '%s': not enough values to unpack (expected 2, "
                                      'got 1)' % name}
    module_name, function_name = name.rsplit('.', 1)
    module_name = module_name.replace('/', '.')
    import importlib
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        return None, {'errorType': 'Runtime.ImportModuleError', 'stackTrace': [],
                      'errorMessage': "Unable to import module '%s': %s" % (module_name, error)}
    except SyntaxError as error:
        where = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        return None, {'errorType': 'Runtime.UserCodeSyntaxError', 'stackTrace': [where],
                      'errorMessage': "Syntax error in module '%s': %s" % (module_name, error)}
    except Exception as error:
        return None, described(error, skip=2)
    if not hasattr(module, function_name):
        return None, {'errorType': 'Runtime.HandlerNotFound', 'stackTrace': [],
                      'errorMessage': "Handler '%s' missing on module '%s'" % (function_name,
                                                                               module_name)}
    return getattr(module, function_name), None


def run(handler, api):
    _, headers, body = api.send('GET', 'invocation/next')
    request_id = headers.get('lambda-runtime-aws-request-id')
    if request_id is None:
        sys.exit(0)  # toolgate does not need this process any more
    Now.request_id = request_id
    if 'lambda-runtime-trace-id' in headers:
        ENV['_X_AMZN_TRACE_ID'] = headers['lambda-runtime-trace-id']
    told = None
    answer = b'null'
    try:
        event = json.loads(body)
    except ValueError as error:
        told = {'errorType': 'Runtime.UnmarshalError', 'stackTrace': [], 'requestId': request_id,
                'errorMessage': 'Unable to unmarshal input: %s' % error}
    if told is None:
        try:
            result = handler(event, LambdaContext(headers))
        except Exception as error:
            told = described(error, request_id, skip=1)
        else:
            try:
                answer = json.dumps(result, ensure_ascii=False, default=to_json).encode(
                    'utf-8', 'replace')
            except (TypeError, ValueError, RecursionError) as error:
                told = {'errorType': 'Runtime.MarshalError', 'stackTrace': [],
                        'requestId': request_id,
                        'errorMessage': 'Unable to marshal response: %s' % error}
    if told is not None:
        show(told)
        mark()
        api.send('POST', 'invocation/%s/error' % request_id, json.dumps(told).encode(),
                 told['errorType'])
        return
    mark()
    api.send('POST', 'invocation/%s/response' % request_id, answer)


def main():
    os.dup2(1, 2)  # one stream: its lines stay in order
    sys.stdout.reconfigure(line_buffering=True, errors='backslashreplace')
    wanted = ENV.get('AWS_EXECUTION_ENV', '').rpartition('python')[2]
    here = '%d.%d' % sys.version_info[:2]
    if wanted and wanted != here:
        note = '[toolgate] python%s is not installed on this machine: python%s runs this function'
        note %= (wanted, here)
        print(json.dumps({'timestamp': stamp(time.time()), 'level': 'WARN', 'message': note})
              if AS_JSON else note, flush=True)
    root = ENV['LAMBDA_TASK_ROOT']
    sys.path[0] = root
    sys.argv = ['bootstrap']
    prepare_logging()
    api = Api()
    handler, told = load(ENV['_HANDLER'])
    if told is not None:
        show(told)
        flush()
        api.send('POST', 'init/error', json.dumps(told).encode(), told['errorType'])
        sys.exit(1)
    flush()
    while True:
        run(handler, api)


main()
