"""Rules room of floor 0: how an action says no."""


class Refusal(Exception):
    """An action was asked for and refused; nothing was written.

    `code` is stable and machine-readable, `message` says what is wrong, `remedy` what to do next,
    `item` the address of the item concerned, or "". `shows_arm`: the act that records the refusal is
    masked for people who may not know the arm.
    """

    def __init__(
        self, code: str, message: str, *, remedy: str = "", item: str = "", shows_arm: bool = False
    ) -> None:
        super().__init__(message)
        self.shows_arm = shows_arm
        self.code, self.message, self.remedy, self.item = code, str(message), str(remedy), item

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
