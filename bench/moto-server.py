"""moto's server with three of its ways made quick, so that a large fleet is not a measure of moto: the same answers."""

import base64
import sys

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix
from moto.server import main


def tags_of(self):
    """Of one resource, without a look through the tags of all others."""
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "") if self.id else ""
    return [
        {"resource_id": self.id, "key": key, "value": value, "resource_type": kind}
        for key, value in self.ec2_backend.tags.get(self.id, {}).items()
    ]


def plain(value):
    """A DynamoDB value as JSON has it."""
    if isinstance(value, DynamoType):
        return {value.type: inner(value.type, value.value)}
    return {kind: inner(kind, part) for kind, part in value.items()}


def inner(kind, value):
    if kind == "M":
        return {key: plain(part) for key, part in value.items()}
    if kind == "L":
        return [plain(part) for part in value]
    if kind == "B" and isinstance(value, bytes):
        return base64.b64encode(value).decode("utf-8")
    return value


serialize_structure = BaseJSONSerializer._serialize_type_structure


def structure(self, serialized, value, shape, key):
    """An item's value at once, instead of each of the ten kinds that a value may be of."""
    if shape.name == "AttributeValue":
        serialized[self.get_serialized_name(shape, key)] = plain(value)
    else:
        serialize_structure(self, serialized, value, shape, key)


item_size = Item.size


def size_of(self):
    """Of an item as it was last written: a query asks for those of the whole partition."""
    if not hasattr(self.attrs, "size_known"):
        self.attrs.size_known = item_size(self)
    return self.attrs.size_known


def forgetting(method):
    def changed(self, *args, **kwargs):
        self.__dict__.pop("size_known", None)
        return method(self, *args, **kwargs)

    return changed


for name in ("__setitem__", "__delitem__", "pop"):
    setattr(LimitedSizeDict, name, forgetting(getattr(LimitedSizeDict, name)))
Item.size = size_of
TaggedEC2Resource.get_tags = tags_of
BaseJSONSerializer._serialize_type_structure = structure

if __name__ == "__main__":
    main(sys.argv[1:])
