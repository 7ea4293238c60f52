//! The session client of the coordination service: a pure session core and its asynchronous face.
