import pytest

from tests.integration.kit.scene import KafkaScene, MemoryScene, Scene


@pytest.fixture
async def kafka(kafka_bootstrap: str) -> KafkaScene:
    scene = KafkaScene(kafka_bootstrap)
    await scene.make_topics()
    return scene


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def scene(broker: str, request: pytest.FixtureRequest) -> Scene:
    """The same test runs on the twin and on the real one."""
    if broker == "memory":
        return MemoryScene()
    scene = KafkaScene(request.getfixturevalue("kafka_bootstrap"))
    await scene.make_topics()
    return scene
