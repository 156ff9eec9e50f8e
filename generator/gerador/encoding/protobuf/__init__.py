"""Protobuf: schema derivation from Avro, descriptors, and encoders."""
