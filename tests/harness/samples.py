"""Arguments made of a tool's input schema: as a model would, with every member it may give."""

DEPTH_MAX = 4


def sample(schema, root: dict, depth: int = 0):
    """One value that fits, for the keywords that documents use."""
    if schema is True or schema == {}:
        return 'any'
    for name in ('const',):
        if name in schema:
            return schema[name]
    if '$ref' in schema:
        return sample(root['$defs'][schema['$ref'].rsplit('/', 1)[1]] | {
            k: v for k, v in schema.items() if k in ('properties', 'required')}, root, depth + 1) \
            if depth < 4 * DEPTH_MAX else None
    if 'enum' in schema:
        return next(value for value in schema['enum'] if value is not None)
    if 'allOf' in schema:
        parts = [sample(part, root, depth) for part in schema['allOf']]
        if all(isinstance(part, dict) for part in parts):
            own = {k: v for k, v in schema.items() if k != 'allOf'}
            return {k: v for part in parts for k, v in part.items()} | (
                _object(own, root, depth) if 'properties' in own else {})
        return parts[0]
    for name in ('oneOf', 'anyOf'):
        if name in schema:
            return sample(schema[name][0], root, depth)
    return _of_type(schema, root, depth)


def _of_type(schema: dict, root: dict, depth: int):
    kind = schema.get('type', 'object' if 'properties' in schema else 'string')
    if isinstance(kind, list):
        kind = next(one for one in kind if one != 'null')
    if kind == 'object':
        return _object(schema, root, depth)
    if kind == 'array':
        least = schema.get('minItems', 0)
        count = max(least, 1) if depth < DEPTH_MAX else least
        return [sample(schema.get('items', {}), root, depth + 1) for _ in range(count)]
    if kind == 'boolean':
        return True
    if kind in ('integer', 'number'):
        low = schema.get('minimum', schema.get('exclusiveMinimum', -1) + 1)
        value = min(max(low, 1), schema.get('maximum', max(low, 1)))
        return schema['multipleOf'] if 'multipleOf' in schema else value
    return _text(schema)


def _object(schema: dict, root: dict, depth: int) -> dict:
    required = schema.get('required', [])
    return {name: sample(member, root, depth + 1)
            for name, member in schema.get('properties', {}).items()
            if name in required or depth < DEPTH_MAX}


def _text(schema: dict) -> str:
    if schema.get('contentEncoding') == 'base64' or schema.get('format') in ('byte', 'binary'):
        return 'AP8='
    known = {'date': '2026-11-21', 'date-time': '2026-11-21T10:00:00Z', 'email': 'a@b.example',
             'uuid': '7f0c1f3e-6a0f-4b8e-9a51-0f9c3c1d2e4f', 'uri': 'https://b.example/x y',
             'ipv4': '192.0.2.1', 'hostname': 'b.example', 'time': '10:00:00Z'}
    if schema.get('format') in known:
        return known[schema['format']]
    if 'pattern' in schema and schema.get('examples'):
        return schema['examples'][0]
    text = 'a b/&'
    return text[:schema.get('maxLength', 99)].ljust(schema.get('minLength', 0), 'x')
