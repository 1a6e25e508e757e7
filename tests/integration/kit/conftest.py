from collections.abc import AsyncIterator

import pytest

from tests.integration.kit.scene import KafkaScene, MemoryScene, Scene
from tests.integration.kit.waiting import alone


@pytest.fixture
async def kafka(kafka_bootstrap: str) -> AsyncIterator[KafkaScene]:
    scene = KafkaScene(kafka_bootstrap)
    await scene.make_topics()
    yield scene
    await alone()


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def scene(broker: str, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """The same test runs on the twin and on the real one."""
    if broker == "memory":
        yield MemoryScene()
    else:
        scene = KafkaScene(request.getfixturevalue("kafka_bootstrap"))
        await scene.make_topics()
        yield scene
    await alone()
