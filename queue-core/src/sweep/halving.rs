//! Which rows of a page make it fail: found by halving.

use crate::StoreError;

/// So many rows that fail while none does not are no bad rows: the store is at fault.
const TELLING: usize = 8;

/// A page on its way: parts of it that are still to be tried, and rows that failed alone.
#[derive(Debug)]
pub(crate) struct Halving<'r, T> {
    parts: Vec<&'r [T]>,
    failed: Vec<(&'r T, StoreError)>,
    worked: bool,
}

impl<'r, T> Halving<'r, T> {
    pub(crate) fn of(page: &'r [T]) -> Self {
        Self {
            parts: vec![page],
            failed: Vec::new(),
            worked: false,
        }
    }

    /// What to try next; none if all was, or enough.
    pub(crate) fn next(&mut self) -> Option<&'r [T]> {
        let hopeless = !self.worked && self.failed.len() >= TELLING;
        self.parts
            .pop()
            .filter(|part| !hopeless && !part.is_empty())
    }

    /// A part went well.
    pub(crate) fn worked(&mut self) {
        self.worked = true;
    }

    /// A part failed. What no row can be the cause of is an error.
    pub(crate) fn failed(&mut self, part: &'r [T], error: StoreError) -> Result<(), StoreError> {
        if !is_of_rows(&error) {
            return Err(error);
        }
        match part {
            [row] => self.failed.push((row, error)),
            _ => {
                let (first, rest) = part.split_at(part.len() / 2);
                self.parts.extend([rest, first]);
            }
        }
        Ok(())
    }

    /// The rows that failed alone, each with why. Where several failed and none did not it is an error.
    pub(crate) fn end(mut self) -> Result<Vec<(&'r T, StoreError)>, StoreError> {
        if !self.worked
            && self.failed.len() > 1
            && let Some((_, error)) = self.failed.pop()
        {
            return Err(error);
        }
        Ok(self.failed)
    }
}

/// Whether a row can be the cause: one that cannot be read, or that a trigger or a constraint of the database
/// keeps as it is.
pub(crate) fn is_of_rows(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Backend { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Invalid(_)
            | StoreError::ForeignLease { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> StoreError {
        StoreError::backend("writing", std::io::Error::other("a hole"))
    }

    /// Which of the rows are found bad, and in how many tries.
    fn found(rows: &[u32], bad: &[u32]) -> (Result<Vec<u32>, StoreError>, usize) {
        let mut halving = Halving::of(rows);
        let mut tries = 0;
        while let Some(part) = halving.next() {
            tries += 1;
            if part.iter().any(|row| bad.contains(row)) {
                halving.failed(part, broken()).unwrap();
            } else {
                halving.worked();
            }
        }
        let found = halving.end();
        let rows = found.map(|rows| rows.into_iter().map(|(row, _)| *row).collect());
        (rows, tries)
    }

    #[test]
    fn it_finds_the_bad_ones_among_many() {
        let rows: Vec<_> = (0..1000).collect();
        let (bad, tries) = found(&rows, &[0, 617, 999]);
        assert_eq!(bad.unwrap(), [0, 617, 999]);
        assert!(tries < 70, "{tries}");
        assert_eq!(found(&rows, &[]).1, 1);
        assert_eq!(found(&[], &[]).1, 0);
    }

    #[test]
    fn where_all_are_bad_it_is_the_store() {
        let rows: Vec<_> = (0..1000).collect();
        let (bad, tries) = found(&rows, &rows);
        assert!(bad.is_err() && tries < 30, "{tries}");
        assert!(found(&[1, 2], &[1, 2]).0.is_err());
        assert_eq!(
            found(&[1], &[1]).0.unwrap(),
            [1],
            "one says nothing of the others"
        );
    }

    #[test]
    fn what_is_no_rows_fault_ends_it() {
        let mut halving = Halving::of(&[1, 2]);
        let part = halving.next().unwrap();
        let away = StoreError::Closed {
            operation: "writing",
        };
        assert!(halving.failed(part, away).is_err());
    }
}
