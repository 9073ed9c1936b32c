"""Development and test tooling: embedded servers, the supervisor, the front-end build. Production never imports it."""
