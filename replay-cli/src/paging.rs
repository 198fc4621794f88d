//! Lists in pages.

use clap::Args;
use queue_core::Page;

use crate::answer::Failure;

/// How much of a list is wanted.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Paging {
    /// How many rows at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) limit: u32,
    /// Only what comes after this: the cursor that the page before ended with
    #[arg(long, value_name = "CURSOR", value_parser = cursor)]
    pub(crate) after: Option<i64>,
}

fn cursor(text: &str) -> Result<i64, String> {
    text.parse()
        .map_err(|_| "write the cursor that the page before ended with, such as 1042".to_owned())
}

impl Paging {
    /// One row more than is shown: it tells whether there is another page.
    pub(crate) fn page(self) -> Result<Page, Failure> {
        let page = Page::first(self.limit + 1).map_err(queue_core::StoreError::from)?;
        Ok(self.after.map_or(page, |after| page.after(after)))
    }

    /// What is shown of the rows, and the cursor of the next page if there is one.
    pub(crate) fn cut<T>(self, mut rows: Vec<T>, id: impl Fn(&T) -> i64) -> (Vec<T>, Option<i64>) {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(id);
        (rows, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_next_page_only_where_there_is_another_row() {
        let paging = Paging {
            limit: 2,
            after: None,
        };
        assert_eq!(paging.cut(vec![4, 5, 6], |id| *id), (vec![4, 5], Some(5)));
        assert_eq!(paging.cut(vec![4, 5], |id| *id), (vec![4, 5], None));
        assert_eq!(paging.cut(Vec::<i64>::new(), |id| *id), (vec![], None));
    }
}
