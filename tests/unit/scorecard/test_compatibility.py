import numpy as np
import pytest

from services.contracts.catalogue import FeatureDescription
from services.scorecard.compatibility import FeatureMissing, bind


def features(**definitions: str) -> list[FeatureDescription]:
    return [FeatureDescription(name=name, definition=text) for name, text in definitions.items()]


OFFERED = features(a="1", b="2", c="3", d="4")


def test_bound_columns_stand_in_the_order_required() -> None:
    vectors = np.array([[10, 20, 30, 40], [11, 21, 31, 41]], dtype=np.float32)
    bound = vectors[:, bind(features(d="4", a="1", c="3"), OFFERED)]
    assert bound.tolist() == [[40, 10, 30], [41, 11, 31]]


def test_a_catalogue_of_more_features_in_another_order_binds_too() -> None:
    required = features(b="2", c="3")
    assert bind(required, OFFERED[::-1]).tolist() == [2, 1]


def test_nothing_required_binds_nothing() -> None:
    assert bind([], OFFERED).tolist() == []


def test_every_absent_and_every_redefined_feature_is_named() -> None:
    with pytest.raises(FeatureMissing) as raised:
        bind(features(a="1", x="1", b="other", y="1", d="changed"), OFFERED)
    assert raised.value.absent == ("x", "y")
    assert raised.value.redefined == ("b", "d")
    assert "absent: x, y" in str(raised.value)
    assert "defined otherwise: b, d" in str(raised.value)


def test_the_message_leaves_out_the_kind_that_did_not_occur() -> None:
    with pytest.raises(FeatureMissing, match="absent: x") as raised:
        bind(features(x="1"), OFFERED)
    assert "defined otherwise" not in str(raised.value)
