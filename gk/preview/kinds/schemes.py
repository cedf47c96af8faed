"""The colours of heatmaps: D3's schemes, which Grafana names (d3-scale-chromatic 3.1.0, ISC; most
are ColorBrewer's, Apache-2.0), and opacities of one colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gk.preview.fields import named
from gk.preview.parts import choice, flag, number, word
from gk.preview.theme import DARK, LIGHT, pair, rgb

__all__ = ["palette_of"]

_DEFAULT = "Oranges"
_MOST_STEPS = 128

# Equidistant stops between which colours are mixed.
_STOPS: Mapping[str, str] = {
    "RdYlGn": (
        "a50026 c31f28 dd4030 ee6640 f88d52 fcb368 fed281 feea9e f9f7ae e6f49e cbe984 "
        "abdb71 85cb67 5bb75f 30a054 128646 006837"
    ),
    "Spectral": (
        "9e0142 bf2749 db494a ee6949 f88e53 fcb368 fed281 feea9e fbf8b0 eef8a8 d5ee9f "
        "b1e0a1 89cfa5 61b7ab 4696b3 4673b1 5e4fa2"
    ),
    "Blues": (
        "f7fbff ebf3fb deebf7 d2e3f3 c3dbee b1d2e8 9cc8e2 84bcdb 6daed5 57a0ce 4391c6 "
        "3281bd 2271b4 1561a8 0c5198 094083 08306b"
    ),
    "Greens": (
        "f7fcf5 eef8ea e3f4de d6efd0 c6e8bf b4e1ad a0d89b 8ace89 73c378 5bb76a 45aa5d "
        "329b51 228b45 127c39 066b2d 015824 00441b"
    ),
    "Greys": (
        "ffffff f7f7f7 efefef e4e4e4 d8d8d8 cbcbcb bbbbbb a9a9a9 979797 858585 737373 "
        "626262 505050 3b3b3b 262626 131313 000000"
    ),
    "Oranges": (
        "fff5eb ffeddc fee5cc fedbb7 fdcea0 fdbf86 fdae6c fd9d54 fb8d3d f77b28 ef6a17 "
        "e4590b d54b04 bf3f02 a83703 932f03 7f2704"
    ),
    "Purples": (
        "fcfbfd f5f4f9 eeecf5 e4e3f0 d9d8ea cbcbe3 bcbcdb adacd2 9e9bc9 8f8bc1 817bb9 "
        "7567ae 6a51a4 5f3c99 54288f 4a1486 3f007d"
    ),
    "Reds": (
        "fff5f0 feeae1 feddcf fdcdb9 fcbaa1 fca68a fc9273 fb7e5e f9694c f4533c eb3d2f "
        "dc2a25 cb1c1e b71419 a10e15 860711 67000d"
    ),
    "Turbo": (
        "23171b 3a2662 463699 4b47c1 4a58dd 4569ee 3e7bf7 368cf9 2f9df5 29aded 26bce1 "
        "25cad3 27d7c4 2ce2b4 34eba3 3ff393 4df884 5cfc75 6efe68 81fd5b 95fb51 a8f647 "
        "bbf03f cee738 dedd32 ecd12e f8c32a ffb426 ffa423 ff9320 ff821d ff701b f65f18 "
        "ea4e14 db3d11 cb2f0d ba2208 aa1704 9d1000 930c00 900c00"
    ),
    "Cividis": (
        "002051 012b65 11366c 26426e 3c4d6e 51586e 62646f 727071 7f7c75 8c8877 9a9478 "
        "a9a177 bbaf71 cebd68 e2cb5c f3da4f fdea45"
    ),
    "Viridis": (
        "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 "
        "3fbc73 5ec962 84d44b addc30 d8e219 fde725"
    ),
    "Magma": (
        "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 d0416f e75263 "
        "f56b5c fc8961 fea772 fec488 fde2a3 fcfdbf"
    ),
    "Inferno": (
        "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 d24644 e45a31 "
        "f1731d f98e09 fcac11 f9cb35 f2ea69 fcffa4"
    ),
    "Plasma": (
        "0d0887 310597 4c02a1 6600a7 7e03a8 9511a1 aa2395 bc3587 cc4778 da5a6a e66c5c "
        "f0804e f89540 fdac33 fdc527 f8df25 f0f921"
    ),
    "Warm": (
        "6e40aa 873eb1 a03db3 ba3cb0 d23ea7 e8429b f9488a ff5177 ff5e63 ff6d51 ff7f41 "
        "fd9235 efa72f dfbb2f cdcf37 bde146 aff05b"
    ),
    "Cool": (
        "6e40aa 664cbe 5c5ace 4f6bda 417de0 3390e1 27a3dc 1eb6d1 1ac7c2 1ad7af 21e39b "
        "2ded86 40f373 57f664 73f65a 91f457 aff05b"
    ),
    "Cubehelix": (
        "000000 150b1d 1b1d3b 17374d 16534c 236a3e 437731 717b32 a07949 c47a74 d483a7 "
        "d197d3 c7b3ed c1cff3 cae7f0 e2f6f0 ffffff"
    ),
    "BuGn": (
        "f7fcfd eef8fb e4f5f7 d8f0ef c8eae4 b2e2d7 99d8c8 80cdb6 68c2a3 54b88d 42ac76 "
        "329c5e 228c49 127c39 066b2d 015824 00441b"
    ),
    "BuPu": (
        "f7fcfd ebf4f8 deebf3 cfdfed bfd3e6 afc7e0 a1bad9 96a9d0 8f95c6 8c80bc 8b6bb1 "
        "8a56a7 88409b 84298c 7a1579 660863 4d004b"
    ),
    "GnBu": (
        "f7fcf0 ecf8e5 e1f3db d6efd0 c9eac6 b9e4be a7ddba 91d4bd 7bcbc4 65bfcb 50b1cd "
        "3d9fc8 2b8dbf 1a7ab5 0e67a8 095496 084081"
    ),
    "OrRd": (
        "fff7ec ffefda fee7c7 fedeb3 fdd3a1 fdc791 fdb881 fca46f fa8e5d f57951 ed6344 "
        "e34a33 d53121 c41910 b00805 990101 7f0000"
    ),
    "PuBuGn": (
        "fff7fb f5edf6 ebe3f0 dedaeb ced1e6 bac7e0 a3bddb 86b3d5 69a8cf 4f9dc7 3692ba "
        "1d89a4 0b808b 037672 01695b 015948 014636"
    ),
    "PuBu": (
        "fff7fb f5eff6 ebe6f2 dedcec ced1e6 bbc7e1 a5bddb 8db3d5 72a8cf 559cc7 388fc0 "
        "1f80b8 0d72ad 05659e 04588a 034972 023858"
    ),
    "PuRd": (
        "f7f4f9 efeaf4 e7deed decde4 d5bada cfa6d0 cf92c6 d47cbb dd63ae e2489c e22f88 "
        "d91e70 c9135c b3094d 990340 800031 67001f"
    ),
    "RdPu": (
        "fff7f3 feebe8 fddfdc fdd2cf fcc3c3 fbb1bb fa9cb4 f883ab f369a3 e94e9c da3495 "
        "c51c8b ad0a81 94027b 7b0176 620070 49006a"
    ),
    "YlGnBu": (
        "ffffd9 f6fbc6 eaf7b8 d9f0b3 c1e7b5 a3dbb8 81cebb 61c1bf 45b4c2 30a3c1 248fbd "
        "2077b4 2260a9 234a9d 20378d 162975 081d58"
    ),
    "YlGn": (
        "ffffe5 fbfdcf f3fbbd e7f6ae d7efa3 c3e699 acdc8e 92d183 78c578 5db86b 45a95d "
        "329750 228645 12763d 066737 015630 004529"
    ),
    "YlOrBr": (
        "ffffe5 fffbd0 fff5bc ffeda6 fee18d fed370 fec254 feae3d fb992c f4851f ea7115 "
        "db5e0b c94e05 b24003 993604 802d05 662506"
    ),
    "YlOrRd": (
        "ffffcc fff6b6 ffeda0 ffe38b fed676 fec562 feb250 fd9f45 fd893c fc6d33 f8502b "
        "ef3524 e11e20 cf0e21 b90424 9e0126 800026"
    ),
}

# Where many is a light colour on a dark background, and the other way round (Grafana's panel).
_TURNED_ALWAYS = frozenset({"RdYlGn", "Spectral"})
_TURNED_IN_LIGHT = frozenset(
    {"Turbo", "Cividis", "Viridis", "Magma", "Inferno", "Plasma", "Warm", "Cool", "Cubehelix"}
)


def palette_of(color: Mapping[str, Any]) -> tuple[str, ...]:
    """The colours from few to many that a heatmap's `options.color` asks for, as its steps."""
    steps = int(min(max(number(color, "steps") or 64, 2), _MOST_STEPS))
    shares = [index / (steps - 1) for index in range(steps)]
    if color.get("mode") == "opacity":
        return tuple(_faded(color, share) for share in shares)
    scheme = word(color, "scheme")
    return tuple(
        _mixed(scheme if scheme in _STOPS else _DEFAULT, share, flag(color, "reverse"))
        for share in shares
    )


def _faded(color: Mapping[str, Any], share: float) -> str:
    """One colour, the more opaque the more there is: linear, or by a power."""
    if choice(color, "scale", "exponential", "linear") == "exponential":
        share = share ** min(max(number(color, "exponent") or 0.5, 0.01), 10)
    fill = named(word(color, "fill", "dark-orange"))
    numbers = ("".join(f"{channel:02x}" for channel in rgb(fill, theme)) for theme in (LIGHT, DARK))
    return pair(*(f"#{color}{round(255 * share):02x}" for color in numbers))


def _mixed(scheme: str, share: float, is_reversed: bool) -> str:
    """A colour of a scheme for each theme: sequential schemes go towards the text's colour."""
    dark = scheme not in _TURNED_IN_LIGHT
    light = scheme in _TURNED_IN_LIGHT or scheme in _TURNED_ALWAYS
    numbers = [
        _at(scheme, 1 - share if turned != is_reversed else share) for turned in (light, dark)
    ]
    return numbers[0] if numbers[0] == numbers[1] else pair(*numbers)


def _at(scheme: str, share: float) -> str:
    stops = _STOPS[scheme].split()
    place = share * (len(stops) - 1)
    index = min(math.floor(place), len(stops) - 2)
    part = place - index
    return "#" + "".join(
        f"{round(int(one, 16) * (1 - part) + int(other, 16) * part):02x}"
        for one, other in (
            (stops[index][at : at + 2], stops[index + 1][at : at + 2]) for at in (0, 2, 4)
        )
    )
