//! The statements: named pieces of the files in `src/sql`, see [`queue_core::statement`].

/// One statement of a file, as a constant: `sql!("claim", "claim_take")`.
macro_rules! sql {
    ($file:literal, $name:literal) => {{
        const TEXT: &str = queue_core::statement::find(
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/sql/",
                $file,
                ".sql"
            )),
            $name,
        );
        TEXT
    }};
}
pub(crate) use sql;
