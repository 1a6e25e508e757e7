"""Wire forms: a contract's fields as a msgspec struct, read and written in a fraction of pydantic's time.

The pydantic models stay the contracts; a wire form is made of one by machine and never says more than it.
What msgspec has no word for is left to pydantic, field by field. Why: docs/adr/0007-wire-forms.md.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeVar, cast

import msgspec
from pydantic import BaseModel
from pydantic_core import SchemaValidator

M = TypeVar("M", bound=BaseModel)
Schema = Mapping[str, Any]
UNREADABLE: Final = (msgspec.MsgspecError, RecursionError, ValueError)
"""What a reader raises for a value that may break the contract."""
_SCALARS: Final[Mapping[str, type]] = {"str": str, "int": int, "float": float}
_LIMITS: Final = ("ge", "le", "gt", "lt", "multiple_of", "min_length", "max_length", "pattern")
_METHODS: Final = ("subject", "event_type")


class _LeftToPydantic(type):
    """Makes types that stand for a field's own schema; whatever pydantic gives for one is one of it."""

    validator: SchemaValidator

    def __instancecheck__(cls, _: object) -> bool:
        return True


def wire_form(contract: type[M]) -> type[M]:
    """Return the struct that has the contract's fields, frozen, under the same names.

    It is no subclass: only what both have may be asked of it, which is the fields, and for an event
    `subject` and `event_type`. Making one checks nothing; `reader` does.
    """
    return cast("type[M]", _struct(contract, skipping=False))


def reader(contract: type[M], *, skipping: bool = False) -> Callable[[bytes], M]:
    """Return what reads JSON into the wire form.

    What it takes, the contract takes too, and reads alike, but that it rounds a moment to microseconds
    where pydantic cuts it. It raises one of UNREADABLE for what the contract refuses, and for rare values
    that the contract takes: only pydantic can tell which. An unknown field is one of these; with `skipping`
    it is passed over, and whatever it holds goes unread.
    """
    return cast("Callable[[bytes], M]", _decoder(contract, skipping=skipping))


def elements(content: bytes) -> list[bytes]:
    """Return the elements of a JSON array as they are written, unread. Raises one of UNREADABLE."""
    return [bytes(element) for element in _elements(content)]


def field_values(model: BaseModel) -> tuple[Any, ...]:
    """Return the values of a model's fields, or of a wire form's, in the contract's order."""
    if isinstance(model, msgspec.Struct):
        return msgspec.structs.astuple(model)
    return tuple(model.__dict__.values())


def fields(model: BaseModel) -> dict[str, Any]:
    """Return the fields of a wire form, or of a model also those that its contract does not have, by name."""
    return msgspec.structs.asdict(model) if isinstance(model, msgspec.Struct) else dict(model)


def as_wire_form(model: M) -> M:
    """Return the wire form of a model whose fields are plain values: it is written without pydantic."""
    return wire_form(type(model))(**model.__dict__)


def write(value: object) -> bytes:
    """Return a wire form, a model or a sequence of them as JSON, without the fields that are missing."""
    return _encoder.encode(value)


def _dumped(model: object) -> object:
    if isinstance(model, BaseModel):
        return model.model_dump(exclude_none=True)
    raise TypeError(f"{type(model).__name__} cannot be written as JSON")


_elements: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encoder: Final = msgspec.json.Encoder(enc_hook=_dumped)


def _ask_pydantic(kind: type, value: object) -> object:
    return cast("_LeftToPydantic", kind).validator.validate_python(value)


@cache
def _decoder(contract: type[BaseModel], *, skipping: bool) -> Callable[[bytes], object]:
    return msgspec.json.Decoder(_struct(contract, skipping=skipping), dec_hook=_ask_pydantic).decode


@cache
def _struct(contract: type[BaseModel], *, skipping: bool) -> type[msgspec.Struct]:
    schema: Schema = contract.__pydantic_core_schema__
    known = {each["ref"]: each for each in schema.get("definitions", ())}
    schema = _resolved(schema["schema"] if known else schema, known)
    fields = schema["schema"]["fields"]
    return msgspec.defstruct(
        contract.__name__,
        [(name, *_typed(field["schema"], known, skipping)) for name, field in fields.items()],
        namespace={name: getattr(contract, name) for name in _METHODS if hasattr(contract, name)},
        frozen=True,
        kw_only=True,
        gc=False,
        omit_defaults=True,
        forbid_unknown_fields=not skipping,
    )


def _resolved(schema: Schema, known: Mapping[str, Schema]) -> Schema:
    return known[schema["schema_ref"]] if schema["type"] == "definition-ref" else schema


def _typed(schema: Schema, known: Mapping[str, Schema], skipping: bool) -> tuple[Any, ...]:
    """Return a field's type, and its default if it has one."""
    if schema["type"] != "default":
        return (_type(schema, known, skipping),)
    default, inner = schema["default"], schema["schema"]
    if default is None:
        return _type(inner, known, skipping), None
    # From a factory, so that it is written: an event's name and version, a list that is empty.
    return _type(inner, known, skipping), msgspec.field(default_factory=lambda: default)


def _type(  # noqa: PLR0911 - one for each kind
    schema: Schema, known: Mapping[str, Schema], skipping: bool
) -> Any:  # noqa: ANN401 - a type, or a form of one
    match schema["type"]:
        case "str" | "int" | "float" as kind:
            return Annotated[_SCALARS[kind], _limits(schema)]
        case "datetime" if schema.get("tz_constraint") == "aware":
            return Annotated[datetime, msgspec.Meta(tz=True)]
        case "literal":
            return Literal[tuple(schema["expected"])]
        case "nullable":
            return _type(schema["schema"], known, skipping) | None
        case "tuple":
            items = (_type(schema["items_schema"][0], known, skipping), ...)
            return Annotated[tuple.__class_getitem__(items), _limits(schema)]
        case "model" | "definition-ref":
            return _struct(_resolved(schema, known)["cls"], skipping=skipping)
    return _LeftToPydantic("_Left", (), {"validator": SchemaValidator(schema)})


def _limits(schema: Schema) -> msgspec.Meta:
    limits = {name: schema[name] for name in _LIMITS if name in schema}
    if "pattern" in limits:
        # Python's $ would let a last line end through.
        limits["pattern"] = re.sub(r"\$$", r"\\Z", limits["pattern"])
    return msgspec.Meta(**limits)
