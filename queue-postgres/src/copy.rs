//! Rows in the binary form that `COPY … FROM STDIN` takes.

use crate::micros::Micros;

/// How much is gathered before it is sent.
pub(crate) const CHUNK: usize = 128 * 1024;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const NULL: i32 = -1;
const END: i16 = -1;

/// Rows, one after the other, each of the same number of fields.
#[derive(Debug)]
pub(crate) struct Rows {
    bytes: Vec<u8>,
}

impl Rows {
    pub(crate) fn new() -> Self {
        let mut bytes = Vec::with_capacity(CHUNK + CHUNK / 4);
        bytes.extend_from_slice(SIGNATURE);
        // No flags, no more header.
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes }
    }

    /// Begins a row of so many fields.
    pub(crate) fn row(&mut self, fields: i16) -> &mut Self {
        self.bytes.extend_from_slice(&fields.to_be_bytes());
        self
    }

    pub(crate) fn bytes(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(value) => {
                // A payload has a limit far below this.
                let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
                self.bytes.extend_from_slice(&length.to_be_bytes());
                self.bytes.extend_from_slice(value);
            }
            None => self.bytes.extend_from_slice(&NULL.to_be_bytes()),
        }
        self
    }

    pub(crate) fn text(&mut self, value: Option<&str>) -> &mut Self {
        self.bytes(value.map(str::as_bytes))
    }

    pub(crate) fn small(&mut self, value: i16) -> &mut Self {
        self.bytes(Some(&value.to_be_bytes()))
    }

    pub(crate) fn int(&mut self, value: i32) -> &mut Self {
        self.bytes(Some(&value.to_be_bytes()))
    }

    pub(crate) fn big(&mut self, value: Option<i64>) -> &mut Self {
        self.bytes(
            value
                .map(i64::to_be_bytes)
                .as_ref()
                .map(<[u8; 8]>::as_slice),
        )
    }

    pub(crate) fn time(&mut self, value: Micros) -> &mut Self {
        self.big(Some(value.on_the_wire()))
    }

    /// What has been gathered, if it is worth sending.
    pub(crate) fn full(&mut self) -> Option<&[u8]> {
        (self.bytes.len() >= CHUNK).then_some(&self.bytes)
    }

    /// Begins to gather anew.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The last ones, and the end.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&END.to_be_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_as_the_server_reads_it() {
        let mut rows = Rows::new();
        rows.row(3).small(7).text(None).big(Some(-1));
        let written = rows.finish();
        let body = written.strip_prefix(SIGNATURE).unwrap();
        assert_eq!(
            body,
            [
                &[0; 8][..],
                &[0, 3, 0, 0, 0, 2, 0, 7],
                &[0xff; 4],
                &[0, 0, 0, 8],
                &[0xff; 8],
                &[0xff; 2]
            ]
            .concat()
        );
    }
}
