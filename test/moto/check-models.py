"""Compares recorded calls with AWS's own models of its interfaces, those of botocore.

Standard input: one JSON document a line, { service, operation, input, output | error }. Standard output: a JSON list of
problems, sentences without values: what is unknown, missing, of another type, outside an enum, a pattern or a length.
"""

import json
import re
import sys

import botocore.session

loader = botocore.session.get_session()
# the service ids of the SDK are those of the models; botocore has names of its own
names = {"Auto Scaling": "autoscaling", "Elastic Load Balancing v2": "elbv2", "Route 53": "route53", "SFN": "stepfunctions"}
models = {}
# what every service may answer, and what is no answer at all
common = {"ServiceUnavailable", "InternalFailure", "ThrottlingException", "AccessDeniedException", "Error", "TimeoutError"}


def model_of(service):
    if service not in models:
        name = names.get(service, service.lower().replace(" ", "-"))
        models[service] = loader.get_service_model(name)
        assert models[service].service_id == service, f"{name} is {models[service].service_id}, not {service}"
    return models[service]


def check(shape, value, path, told):
    kind = shape.type_name
    if kind == "structure":
        if getattr(shape, "is_document_type", False):
            return
        if not isinstance(value, dict):
            return told(path, "no structure")
        for name in value:
            if name not in shape.members:
                told(f"{path}.{name}", "unknown")
        for name in shape.required_members:
            if value.get(name) is None:
                told(f"{path}.{name}", "missing")
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            told(path, "not one member of a union")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                check(member, value[name], f"{path}.{name}", told)
        return
    if kind == "list":
        if not isinstance(value, list):
            return told(path, "no list")
        sized(shape, len(value), path, told)
        for one in value:
            check(shape.member, one, f"{path}[]", told)
        return
    if kind == "map":
        if not isinstance(value, dict):
            return told(path, "no map")
        sized(shape, len(value), path, told)
        for key, one in value.items():
            check(shape.key, key, f"{path} key", told)
            check(shape.value, one, f"{path}{{}}", told)
        return
    if kind == "timestamp":
        if not isinstance(value, dict) or "$date" not in value:
            told(path, "no time")
        return
    if kind == "blob":
        return
    if kind in ("string", "character"):
        if not isinstance(value, str):
            return told(path, f"no string, but {type(value).__name__}")
        sized(shape, len(value), path, told)
        if shape.enum and value not in shape.enum:
            told(path, "not of the enum")
        pattern = shape.metadata.get("pattern")
        if pattern and not fits(pattern, value):
            told(path, f"against the pattern {pattern}")
        return
    if kind in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            return told(path, "no whole number")
        return sized(shape, value, path, told)
    if kind in ("float", "double"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return told(path, "no number")
        return sized(shape, value, path, told)
    if kind == "boolean" and not isinstance(value, bool):
        told(path, "no boolean")


def sized(shape, size, path, told):
    if size < shape.metadata.get("min", size):
        told(path, f"below the least of {shape.metadata['min']}")
    if size > shape.metadata.get("max", size):
        told(path, f"above the most of {shape.metadata['max']}")


def fits(pattern, value):
    # surrogate pairs and classes of Java, which stand for nearly every character
    if "\\uD8" in pattern or "\\p{" in pattern:
        return True
    return re.search(pattern if pattern.startswith("^") else f"^(?:{pattern})$", value) is not None


def problems_of(call):
    found = []
    model = model_of(call["service"])
    if call["operation"] not in model.operation_names:
        return [f"{call['service']} {call['operation']}: unknown operation"]
    operation = model.operation_model(call["operation"])
    name = f"{call['service']} {call['operation']}"
    for side, shape in (("input", operation.input_shape), ("output", operation.output_shape)):
        if side not in call:
            continue
        if shape is None:
            found += [f"{name} {side}.{member}: unknown" for member in call[side]]
        else:
            check(shape, call[side], side, lambda path, what: found.append(f"{name} {path}: {what}"))
    error = call.get("error")
    codes = {one.metadata.get("error", {}).get("code", one.name) for one in operation.error_shapes}
    codes |= {one.name for one in operation.error_shapes}
    # EC2 models no errors
    if error and codes and error not in codes | common:
        found.append(f"{name} error: {error} is not in the model")
    return found


print(json.dumps(sorted({problem for line in sys.stdin for problem in problems_of(json.loads(line))})))
