"""Chinese names and phone numbers from a seeded generator."""

from random import Random

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_GIVEN_CHARACTERS = (
    "子轩梓涵一诺浩宇欣怡宇航雨桐思远诗涵俊杰可欣天佑语嫣博文佳怡明轩若曦嘉豪梦琪皓轩雨泽"
    "紫萱泽宇晨曦乐瑶文博安琪奕辰馨予睿哲书瑶景行知夏承泽念安星辰沐阳清妍予安瑾萱"
)
_GIVEN = tuple(_GIVEN_CHARACTERS[at : at + 2] for at in range(0, len(_GIVEN_CHARACTERS), 2))
_GUARDIANS = ("妈妈", "爸爸")
REGIONS = ("东城区", "朝阳区", "通州区", "西城区", "海淀区", "丰台区", "昌平区")
GRADES = ("preschool", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8")
SUBJECTS = ("english", "math", "chinese", "art", "coding", "music")
SOURCES = ("web", "phone", "walk_in", "referral", "event", "ad", "channel")


class People:
    """Names that do not repeat, phones that belong to nobody."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._used: set[str] = set()
        self._phones = 0

    def name(self) -> str:
        """A child's name."""
        while True:
            name = self._random.choice(_SURNAMES) + self._random.choice(_GIVEN)
            if name not in self._used or len(self._used) > len(_SURNAMES) * len(_GIVEN) - 20:
                self._used.add(name)
                return name

    def guardian(self, child: str) -> str:
        """How staff write a guardian's name: 王妈妈."""
        return child[0] + self._random.choice(_GUARDIANS)

    def phone(self) -> str:
        """A number of a block that is never the same twice."""
        self._phones += 1
        return f"1{self._random.choice('3578')}9{self._random.randrange(1000):03d}{self._phones:05d}"

    def lead(self) -> dict[str, object]:
        """The values of a lead as a salesperson would enter them."""
        pick, child = self._random.choice, self.name()
        return {
            "name": child,
            "guardian_name": self.guardian(child),
            "phone": self.phone(),
            "gender": pick(("male", "female")),
            "grade": pick(GRADES),
            "region": pick(REGIONS),
            "intended_course": pick(SUBJECTS),
            "source": pick(SOURCES),
            "intent": pick(("a", "b", "b", "c")),
        }
