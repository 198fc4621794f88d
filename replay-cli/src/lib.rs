//! The operators' command line as a library: the whole program, for whatever plays its part in a process of another
//! name. `leasehold --help` lists its commands.

mod act;
mod answer;
mod arguments;
mod bulk;
mod commands;
mod desk;
mod ids;
mod input;
mod moment;
mod output;
#[cfg(test)]
mod page;
mod paging;
mod payload;
mod report;
mod stop;
mod style;
mod table;

pub use commands::run;
