"""The one error for starting, stopping and opening a plane, and for the lesson that is played on one."""

START_AFRESH = "end its process by hand if it runs; 'plexctl local reset --yes' then starts afresh"
PUT_BACK = "put the old file back, or run 'plexctl local reset --yes'"


class PlaneError(Exception):
    """What went wrong, for the operator: a title, what was found, and what to do about it.

    The commands of `plexctl local` turn it into a Failure in one place.
    """

    def __init__(self, title: str, detail: str, advice: str = "") -> None:
        super().__init__(f"{detail}; {advice}" if advice else detail)
        self.title = title
        self.detail = detail
        self.advice = advice
