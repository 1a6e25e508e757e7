"""The native launcher: the whole engine on one machine, without containers.

A part (PostgreSQL, Kafka, MLflow, each service) is a module of one anatomy: prepare, program, ready.
supervisord runs the programs and restarts what dies; all that is kept lies in one state folder.
"""
