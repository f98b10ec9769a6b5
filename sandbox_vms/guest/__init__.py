"""The guest agent: one long-lived program inside a sandbox that sees and acts for us over HTTP. It judges nothing."""
