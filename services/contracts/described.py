"""What the strings below the fields of models say: read from the source when a schema is asked for."""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Described(BaseModel):
    """A model whose JSON Schema says of each field what stands below it.

    So does `use_attribute_docstrings`, but as each class is made: a tenth of what a service takes to start.
    """

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema with its descriptions."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, description in descriptions(cls).items():
            shown = cls.model_fields[name].alias or name
            if shown in properties:
                properties[shown].setdefault("description", description)
        return schema


@cache
def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """Return what stands below the fields of a class, and below those that it has from others, by name."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and not each.__module__.startswith("pydantic"):
            found |= _in_module(each.__module__).get(each.__name__, {})
    return MappingProxyType({name: found[name] for name in model.model_fields if name in found})


@cache
def _in_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return what stands below the fields of a module's classes, by class."""
    parsed = ast.parse(inspect.getsource(sys.modules[name]))
    return {each.name: _below(each.body) for each in parsed.body if isinstance(each, ast.ClassDef)}


def _below(body: list[ast.stmt]) -> Mapping[str, str]:
    found = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
