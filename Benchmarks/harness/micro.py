"""What is measured within one process."""

from .processes import micro
from .table import Row, at_most, number


def token(bench):
    """A token check beside one HMAC over the same bytes, in turns."""
    bench.say("token: check, HMAC and JWTKit in turns")
    found = micro("token", "--rounds", str(3 * bench.rounds))
    check = f"{number(found['check_us'])} µs"
    bench.add(at_most(
        "token check, header value to typed claims", check,
        f"one HMAC-SHA256 over the same {found['bytes']} bytes: {number(found['hmac_us'])} µs", found["ratio"], 1.6))
    bench.add(Row(
        "JWTKit's verify of the same token", f"{number(found['jwtkit_us'])} µs", f"our check: {check}",
        found["jwtkit_us"] / found["check_us"]))
