//! Rows of comma-separated values, by RFC 4180.

/// A row with its end. Every field of text is quoted, so that what it begins with means nothing.
pub(super) fn row(fields: &[&str]) -> String {
    let quoted = fields
        .iter()
        .map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

/// Whether a row goes on: a quotation is open at its end.
pub(super) fn is_open(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
}

/// The fields of a row without its end.
pub(super) fn fields(text: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quotation(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, behind) = rest.split_at(end);
                (field.to_owned(), behind)
            }
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(behind) => rest = behind,
            None if behind.is_empty() => return Ok(fields),
            None => return Err("there is text behind a quotation".to_owned()),
        }
    }
}

fn quotation(text: &str) -> Result<(String, &str), String> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, behind) = rest
            .split_once('"')
            .ok_or_else(|| "a quotation has no end".to_owned())?;
        field.push_str(before);
        match behind.strip_prefix('"') {
            Some(behind) => {
                field.push('"');
                rest = behind;
            }
            None => return Ok((field, behind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_fields_come_back_as_they_were() {
        let odd = ["", "a,b", "say \"no\"", "two\r\nlines", "=1+1", "\""];
        let row = row(&odd);
        assert_eq!(fields(row.strip_suffix("\r\n").unwrap()).unwrap(), odd);
        assert_eq!(fields("1,,x").unwrap(), ["1", "", "x"]);
        assert!(fields("\"a\"b").is_err() && fields("\"a").is_err());
        assert!(is_open("1,\"a") && !is_open("1,\"a\"\"\""));
    }
}
