//! The options of the attribute, and what is wrong with them.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprArray, Ident, Token};

/// All options there are.
const KNOWN: [&str; 12] = [
    "seeds",
    "servers",
    "tick",
    "session_timeout",
    "faults",
    "checks",
    "minutes",
    "seconds",
    "determinism",
    "jobs",
    "shrink",
    "save",
];

/// Below this similarity a suggestion is a guess.
const NEAR_ENOUGH: f64 = 0.6;

/// The options given.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) seeds: Option<Expr>,
    pub(crate) servers: Option<Expr>,
    pub(crate) tick: Option<Expr>,
    pub(crate) session_timeout: Option<Expr>,
    pub(crate) faults: Option<Expr>,
    pub(crate) checks: Vec<Expr>,
    pub(crate) length: Option<Length>,
    pub(crate) determinism: Option<Expr>,
    pub(crate) jobs: Option<Expr>,
    pub(crate) shrink: Option<Expr>,
    pub(crate) save: Option<Expr>,
}

/// How long a run is.
pub(crate) enum Length {
    Minutes(Expr),
    Seconds(Expr),
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Options> {
        let mut options = Options::default();
        let mut seen: Vec<Ident> = Vec::new();
        for given in Punctuated::<Given, Token![,]>::parse_terminated(input)? {
            if seen.contains(&given.name) {
                return Err(Error::new(given.name.span(), format!("`{}` is said twice", given.name)));
            }
            seen.push(given.name.clone());
            options.take(given)?;
        }
        Ok(options)
    }
}

impl Options {
    fn take(&mut self, given: Given) -> syn::Result<()> {
        let Given { name, value } = given;
        let place = match name.to_string().as_str() {
            "seeds" => &mut self.seeds,
            "servers" => &mut self.servers,
            "tick" => &mut self.tick,
            "session_timeout" => &mut self.session_timeout,
            "faults" => &mut self.faults,
            "determinism" => &mut self.determinism,
            "jobs" => &mut self.jobs,
            "shrink" => &mut self.shrink,
            "save" => &mut self.save,
            "checks" => {
                let Expr::Array(ExprArray { elems, .. }) = value else {
                    return Err(Error::new(value.span(), "`checks` is a list: `checks = [SingleLeader::effect()]`"));
                };
                self.checks = elems.into_iter().collect();
                return Ok(());
            }
            "minutes" | "seconds" if self.length.is_some() => {
                return Err(Error::new(name.span(), "a run has one length: either `minutes` or `seconds`"));
            }
            "minutes" => {
                self.length = Some(Length::Minutes(value));
                return Ok(());
            }
            "seconds" => {
                self.length = Some(Length::Seconds(value));
                return Ok(());
            }
            _ => return Err(unknown(&name)),
        };
        *place = Some(value);
        Ok(())
    }
}

/// One option as it stands there.
struct Given {
    name: Ident,
    value: Expr,
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> syn::Result<Given> {
        let name: Ident = input.parse()?;
        if !KNOWN.contains(&name.to_string().as_str()) {
            return Err(unknown(&name));
        }
        if !input.peek(Token![=]) {
            return Err(Error::new(name.span(), format!("`{name}` has no value: write `{name} = …`")));
        }
        input.parse::<Token![=]>()?;
        Ok(Given { name, value: input.parse()? })
    }
}

fn unknown(name: &Ident) -> Error {
    let text = name.to_string();
    let similarity = |known: &&str| strsim::jaro_winkler(&text, known);
    let nearest = KNOWN.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
    let message = match nearest.filter(|nearest| similarity(nearest) >= NEAR_ENOUGH) {
        Some(nearest) => format!("there is no option `{text}`; did you mean `{nearest}`?"),
        None => format!("there is no option `{text}`: there are {}", KNOWN.join(", ")),
    };
    Error::new(name.span(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> syn::Result<Options> {
        syn::parse_str(text)
    }

    /// What is complained of, and the words that it points at.
    fn complaint(text: &str) -> (String, String) {
        let error = parse(text).err().expect("the options are wrong");
        (error.to_string(), error.span().source_text().unwrap_or_default())
    }

    #[test]
    fn all_options_that_there_are_can_be_given() {
        let options = parse(
            "seeds = 200, servers = 3, tick = secs(1), session_timeout = secs(4), faults = Faults::none(), \
             checks = [SingleLeader::effect(), Failover::within(secs(30))], minutes = 5, determinism = true, jobs = 1, \
             shrink = 0, save = \"failures\",",
        )
        .expect("they are right");
        assert_eq!(options.checks.len(), 2);
        assert!(matches!(options.length, Some(Length::Minutes(_))));
        let given = [&options.seeds, &options.servers, &options.tick, &options.session_timeout, &options.faults];
        assert!(given.into_iter().all(Option::is_some));
        let given = [&options.determinism, &options.jobs, &options.shrink, &options.save];
        assert!(given.into_iter().all(Option::is_some));
        assert!(parse("").expect("none is needed").seeds.is_none());
    }

    #[test]
    fn the_nearest_name_is_suggested_where_the_wrong_one_stands() {
        let (message, place) = complaint("servers = 3, seed = 200");
        assert_eq!((message.as_str(), place.as_str()), ("there is no option `seed`; did you mean `seeds`?", "seed"));
        let (message, place) = complaint("qqqq = 1");
        assert!(message.starts_with("there is no option `qqqq`: there are seeds, servers, tick, "), "{message}");
        assert_eq!(place, "qqqq");
    }

    #[test]
    fn what_is_missing_double_or_of_the_wrong_kind_is_said_at_its_place() {
        for (text, message, place) in [
            ("determinism", "`determinism` has no value: write `determinism = …`", "determinism"),
            ("seeds = 1, seeds = 2", "`seeds` is said twice", "seeds"),
            ("minutes = 1, seconds = 2", "a run has one length: either `minutes` or `seconds`", "seconds"),
            ("checks = 7", "`checks` is a list: `checks = [SingleLeader::effect()]`", "7"),
        ] {
            assert_eq!(complaint(text), (message.to_owned(), place.to_owned()), "{text}");
        }
        assert!(parse("seeds = ").is_err() && parse("seeds 7").is_err() && parse("7").is_err());
    }
}
