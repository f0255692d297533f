"""What the doctor looks at, by the service that knows it. Each check yields what it finds."""
