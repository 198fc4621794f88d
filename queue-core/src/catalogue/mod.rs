//! Every stable machine-readable code that the library gives, and what is to be known of it.
//!
//! One table in `codes.rs` is the source: the type [`Code`], the page
//! `docs/reference/reason-codes.md` and the codes in errors, dead letters and metric labels come from
//! it. A code that was released stays what it is; [`compare`] finds what would break that.
//!
//! ```
//! use queue_core::catalogue::{Code, Responsible, Retry};
//!
//! let code: Code = "HANDLER_PANIC".parse().unwrap();
//! let entry = code.entry();
//! assert_eq!((entry.retry, entry.responsible), (Retry::AfterFix, Responsible::Consumer));
//! println!("{code}: {} {}", entry.meaning, entry.remedy);
//! ```

#[macro_use]
mod table;

mod codes;
mod demonstration;
mod entry;
mod page;
mod release;
mod text;
mod unknown;
mod words;

pub use codes::Code;
pub use demonstration::{demonstration, demonstration_context};
pub use entry::{
    Entry, Example, Parameter, ParameterKind, Reason, Responsible, Retry, Stage, Status,
};
pub(crate) use page::anchor;
pub use page::{page, to_json};
pub use release::{Breach, Released, ReleasedCode, ReleasedStatus, compare};
pub use unknown::{UnknownCode, near, nearest, nearest_is};
