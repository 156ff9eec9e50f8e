"""How the values of one Avro type become bytes: a node a type, planned once for a schema."""
