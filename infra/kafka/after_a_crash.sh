#!/bin/sh
# Start a broker: its data's folder, the seconds that its controller holds it for alive, and its command.
# A broker that ended without a word, and is back before the controller has noticed, takes up its work with what it
# knew, and is sent away while it reads: groups can then be out of step with their log until it ends again.
data=$1 alive=$2
shift 2
if [ -d "$data/__cluster_metadata-0" ] && ! [ -e "$data/.kafka_cleanshutdown" ]; then
  sleep "$alive"
fi
exec "$@"
