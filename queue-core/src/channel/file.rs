//! Messages into a file or onto standard output: for development.
