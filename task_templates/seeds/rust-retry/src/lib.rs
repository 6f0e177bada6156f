//! Call a fallible operation again until it succeeds.

/// Calls `op` with the attempt's number, from 0, until it succeeds or `max_attempts` calls are made.
///
/// Gives the first success. When every attempt fails, gives the error of the last one; when no
/// attempt is allowed at all, gives an error without calling `op`.
pub fn retry<T, E, F>(max_attempts: u32, mut op: F) -> Result<T, E>
where
    E: From<&'static str>,
    F: FnMut(u32) -> Result<T, E>,
{
    let mut last = Err(E::from("no attempt allowed"));
    for attempt in 0..max_attempts {
        let result = op(attempt);
        if result.is_ok() {
            return result;
        }
        last = result;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::retry;

    #[test]
    fn first_attempt_ok_returns_immediately() {
        let mut calls = 0;

        let result = retry(5, |_| {
            calls += 1;
            Ok::<_, String>(42)
        });

        assert_eq!(calls, 1);
        assert_eq!(result, Ok(42));
    }

    #[test]
    fn retries_on_error_until_success() {
        let result = retry(5, |attempt| {
            if attempt < 2 {
                Err(format!("attempt {attempt}"))
            } else {
                Ok(7)
            }
        });

        assert_eq!(result, Ok(7));
    }

    #[test]
    fn gives_up_after_max_attempts() {
        let mut calls = 0;

        let result = retry(3, |attempt| {
            calls += 1;
            Err::<(), _>(format!("attempt {attempt}"))
        });

        assert_eq!(calls, 3);
        assert_eq!(result, Err("attempt 2".to_string()));
    }

    #[test]
    fn zero_max_attempts_errors() {
        let result = retry(0, |_| Ok::<u8, String>(1));

        assert_eq!(result, Err("no attempt allowed".to_string()));
    }
}
