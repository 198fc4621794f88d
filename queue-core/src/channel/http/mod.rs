//! What the channels over HTTP share.
