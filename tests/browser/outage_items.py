"""Notices for the pages of residents: the last days of November 2021, every case that a resident may meet."""

from __future__ import annotations

from datetime import date

from kubmap.domain import Category, Interval, Outage, Precision, Utility
from tests.notices import at, notice
from tests.web_items import HOSTILE, incident, place

KRYMSK, HOPE, EYSK, ANAPA, KRASNODAR, ABINSK = (
    "03625101001", "kk-kry-nadezhda", "03616101001", "03703000001", "03701000001", "03601101001",
)  # fmt: skip

SCHEDULE = notice(
    "Плановые работы на водопроводе 27 ноября с 6:00 до 24:00 в Крымске, кроме мкр «Надежда». Вода будет подаваться по "
    "графику: с 6:00 до 9:00 и с 18:00 до 21:00; выход на режим в течение 4 (6) часов.",
    number=101, source_name="Водоканал", source_url="https://example.org/krymsk",
)  # fmt: skip
NIGHT = notice(
    "Отключение электроэнергии в Анапе пройдёт с 22:00 26 ноября до 6:00 27 ноября: плановый ремонт подстанции.",
    number=102,
)  # fmt: skip
GAS = notice("В Ейске 27 ноября с 9:00 до 18:00 отключат газ для ремонта газопровода.", number=103)
LOW = notice("В Ейске 27 ноября с 8:00 до 20:00 снизят давление воды из-за плановых работ.", number=104)
CUT = notice("В Ейске 27 ноября с 10:00 до 12:00 отключат воду для плановых работ.", number=105)
ACCIDENT = notice(
    "В Краснодаре из-за аварии отключили воду 25 ноября в 10:00 на ул. Заполярной, 35 и ул. Алуштинской.",
    number=106, published="2021-11-25",
)  # fmt: skip
VILLAGE = notice(
    "Свет отключат 28 ноября с 9:00 до 17:00 в посёлке Октябрьском Ейского района для ремонта линии.", number=107
)
TROITSKY = notice(
    "РЭУ «Троицкий групповой водопровод» 30 ноября с 6:00 до 24:00 проведёт плановые работы: подача воды прекратится. "
    "Выход на режим 4-6 часов.",
    number=108,
)  # fmt: skip
BOILER = notice("В Тихорецке 27 ноября с 8:00 до 16:00 отключат отопление: опрессовка котельной.", number=110)
HOSTILE_NOTICE = incident(
    109,
    category=Category.OUTAGE_GAS,
    title=HOSTILE,
    text=HOSTILE,
    source_name=HOSTILE,
    source_url="javascript:window.pwned=1",
    published_at=date(2021, 11, 26),
    is_scheduled=True,
    starts_at=at(27, 8),
    ends_at=at(27, 20),
    location=place(
        44.866, 38.152, Precision.SETTLEMENT, radius_m=4000, label="город Абинск", municipality="Абинский район"
    ),
    outage=Outage(
        Utility.GAS, works=Interval(at(27, 8), at(27, 20)), places=("Абинск",), exceptions=(HOSTILE,),
        streets=(HOSTILE, "ул. Мира"), cause=HOSTILE, provider=HOSTILE,
    ),
)  # fmt: skip

NOTICES = (SCHEDULE, NIGHT, GAS, LOW, CUT, ACCIDENT, VILLAGE, TROITSKY, HOSTILE_NOTICE, BOILER)
