"""What can go wrong with a probe; every message is one line that says what to do."""


class ProbeError(Exception):
    """The probe cannot go on."""


class NoAnswerError(ProbeError):
    """Twilio does not answer."""


class CredentialsError(ProbeError):
    """Twilio does not accept the credentials, or there are none."""


class RefusedAccountError(ProbeError):
    """The account is not one to experiment on."""


class UnexpectedError(ProbeError):
    """Twilio did not do what an experiment needs; its questions are not settled, and the others go on."""


class BudgetError(ProbeError):
    """The calls, messages or minutes that were announced are used up."""


def explained(error: Exception) -> str:
    """An error in one line. What is none of ours comes from reading an answer."""
    if isinstance(error, ProbeError):
        return str(error)
    return f"an answer of Twilio's is not what its documents show ({type(error).__name__}: {error})"
