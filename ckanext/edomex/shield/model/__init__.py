"""What the door remembers: sessions and failed attempts in Valkey, second factors in PostgreSQL."""
