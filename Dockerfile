# syntax=docker/dockerfile:1
# An image for each service, named as its extra in pyproject.toml is:
# docker build --build-arg SERVICE=gateway .

FROM python:3.13-slim AS tools
ENV PYTHONDONTWRITEBYTECODE=1
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -qq && apt-get install -qq --yes --no-install-recommends binutils
RUN --mount=type=cache,target=/root/.cache/pip pip install --quiet --root-user-action=ignore uv==0.13.9

# The project's own wheel: the same for all services.
FROM tools AS code
WORKDIR /source
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=requirements.lock,target=requirements.lock \
    uv pip install --quiet --system --only-binary :all: --require-hashes \
        --constraint requirements.lock --group build
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY services services
# There is no history in an image to take the version from.
ARG VERSION=0.0.0
ENV SETUPTOOLS_SCM_PRETEND_VERSION=$VERSION
RUN pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
    && uv pip install --quiet --no-index --no-deps --target /app /wheels/*.whl \
    && python -m compileall -q --invalidation-mode unchecked-hash /app
COPY requirements.lock /app/
COPY infra/__init__.py /app/infra/
COPY infra/kafka /app/infra/kafka
COPY infra/postgres /app/infra/postgres
# For one process without a registry, where somebody has exported a champion into the folder.
COPY bundle[s] /app/bundles/
# What outlives a container is mounted below it; a new volume takes its owner from here.
RUN mkdir --parents /state/api-key /state/keys /state/models /state/artifacts /state/sample

# The libraries of one service: an extra's part of the lock, byte for byte.
FROM tools AS libraries
ARG SERVICE
RUN python -m venv --without-pip /opt/octroi
# Symbols for debuggers and the libraries' own tests are a quarter of the whole. Nothing can be compiled later,
# on a file system that cannot be written; of plotly's 15,000 modules a few are used.
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=requirements.lock,target=requirements.lock \
    uv pip install --quiet --python /opt/octroi --link-mode copy --only-binary :all: --require-hashes \
        --constraint requirements.lock --extra "$SERVICE" --requirements pyproject.toml \
    && cd /opt/octroi/lib/python3.13/site-packages \
    && find . -name '*.so' -not -path '*.libs/*' -exec strip --strip-debug {} + \
    && find . -type d -name tests -regex '\./\(numpy\|pandas\|pyarrow\|scipy\|sklearn\)/.*' \
        -prune -exec rm -r {} + \
    && python -m compileall -q -x '/plotly/(graph_objs|validators)/' --invalidation-mode unchecked-hash /opt/octroi

FROM python:3.13-slim
ARG SERVICE
ARG VERSION=0.0.0
LABEL org.opencontainers.image.title="octroi-$SERVICE" \
    org.opencontainers.image.description="Octroi, an event-driven credit decision engine: $SERVICE" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin octroi
COPY --from=libraries /opt/octroi /opt/octroi
COPY --from=code /app /app
COPY --from=code --chown=octroi:octroi /state /var/lib/octroi
ENV PATH=/opt/octroi/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER octroi
# What follows is a module: services.gateway, services.gateway.keys, alembic.
ENTRYPOINT ["python", "-m"]
