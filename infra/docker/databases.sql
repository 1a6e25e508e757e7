-- Run once, when the volume is empty: a role and a database for Octroi, and for MLflow its own.
\getenv octroi_password OCTROI_POSTGRES_PASSWORD
\getenv mlflow_password OCTROI_MLFLOW_PASSWORD

CREATE ROLE octroi LOGIN PASSWORD :'octroi_password';
CREATE DATABASE octroi OWNER octroi;
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow_password';
CREATE DATABASE mlflow OWNER mlflow;
