"""Characters that clerks confuse in names: written for the made-up city only, from what real names show.

Independent of the linkage code on purpose: a test that writes and reads with the same table proves nothing.
"""

from functools import cache

# Toneless syllable -> characters of names that sound so. The syllable is also what a clerk types for a character that
# the keyboard does not give.
HOMOPHONES: dict[str, str] = {
    "ai": "爱艾", "an": "安桉", "bao": "宝保葆", "bin": "斌彬宾滨", "bing": "冰兵丙炳秉", "bo": "波博勃",
    "cai": "才彩材财", "chang": "昌常长畅", "chao": "超朝潮", "chen": "晨辰臣陈琛", "cheng": "成诚程承城澄",
    "chun": "春纯淳椿", "cui": "翠崔", "da": "大达", "dan": "丹单旦", "de": "德得", "dong": "东冬栋董",
    "fa": "发法", "fan": "凡帆繁范", "fang": "芳方坊房", "fei": "飞菲非妃", "fen": "芬粉", "feng": "峰锋丰枫凤风冯",
    "fu": "福富付傅芙甫", "gang": "刚钢岗", "gui": "贵桂归", "guang": "光广", "guo": "国果郭", "hai": "海亥",
    "han": "涵晗汉寒韩翰", "hao": "浩昊豪皓好", "he": "和贺荷河何", "hong": "红洪宏虹鸿弘", "hua": "华花桦化",
    "huai": "怀淮", "huan": "欢环焕", "hui": "辉慧惠晖卉会", "ji": "吉继纪季", "jia": "佳家嘉加甲",
    "jian": "建健剑坚俭", "jiang": "江姜蒋将", "jie": "杰洁捷介", "jin": "金进锦瑾今近", "jing": "静晶京景敬婧菁晴",
    "jiu": "九久", "ju": "菊举巨", "juan": "娟绢", "jun": "军俊君钧均峻骏", "kai": "凯开恺", "kang": "康亢",
    "ke": "可克科", "kui": "奎魁葵", "kun": "坤昆琨", "lan": "兰岚蓝", "lei": "磊雷蕾", "li": "丽莉立力利黎理俐李",
    "lian": "莲连廉", "liang": "亮良梁", "lin": "林琳霖临麟", "ling": "玲灵铃凌岭", "liu": "刘柳六", "long": "龙隆",
    "lu": "露璐路鲁", "man": "曼满", "mao": "茂毛", "mei": "梅美媚玫", "meng": "梦萌孟", "min": "敏民珉",
    "ming": "明铭鸣名", "na": "娜那", "nan": "楠南男", "ning": "宁凝", "pei": "培佩沛", "peng": "鹏朋彭",
    "ping": "萍平苹", "qi": "琪琦奇启齐", "qian": "倩茜千谦", "qiang": "强蔷", "qin": "琴勤芹钦秦", "qing": "清青庆卿",
    "qiu": "秋邱丘", "quan": "全泉权", "ran": "冉然", "ren": "仁任人", "rong": "荣蓉容融", "ru": "如茹汝",
    "rui": "瑞锐睿蕊", "shan": "山珊善杉", "shao": "绍少邵", "sheng": "生胜升圣盛", "shi": "世士石时诗",
    "shu": "淑树书叔", "shuang": "双霜", "song": "松宋", "tao": "涛桃陶", "ting": "婷庭廷", "tong": "彤桐童同",
    "wei": "伟卫维威微炜玮薇魏", "wen": "文雯闻", "wu": "武吴伍", "xi": "喜希西熙", "xia": "霞夏",
    "xian": "贤先显宪", "xiang": "祥翔香湘向", "xiao": "晓小笑肖萧孝", "xin": "新欣鑫馨心辛", "xing": "兴星行",
    "xiu": "秀修", "xu": "旭徐许", "xue": "雪学", "xun": "勋迅", "ya": "雅亚娅", "yan": "艳燕岩妍彦言炎晏雁严",
    "yang": "阳洋杨扬", "ye": "叶业烨", "yi": "义艺怡一毅益易", "yin": "银音尹", "ying": "英颖莹盈瀛迎",
    "yong": "勇永咏", "you": "友有佑", "yu": "玉宇雨羽昱钰于余俞", "yuan": "元媛远园圆袁", "yue": "月悦越岳",
    "yun": "云芸韵运", "ze": "泽则", "zeng": "增曾", "zhang": "张章彰", "zhen": "珍真振镇贞", "zheng": "正政郑铮",
    "zhi": "志芝智知", "zhong": "忠中钟", "zhou": "周洲舟", "zhu": "珠竹朱", "zi": "子梓紫", "zong": "宗综",
}  # fmt: skip

# Pairs that look alike on paper or on a worn certificate; each goes both ways.
LOOK_ALIKES = """
日曰 未末 己已 土士 大太 天夫 千干 午牛 傅付 秀季 芬芳 淑椒 梅海 玲铃 伶怜 莉利 杨扬 洪供 云去 桂挂 红江 张弘
刘列 李季 陈阵 孙孔 田由 申甲 石右 晴睛 王玉 王壬 全金 令今 立位 兰三 芝之 景影 晶品 林材 平乎 贞负 贵责 宝宣
宜宣 玟玫 晓晚 俊浚 娟捐 春舂 文丈 永水 冰水 东车 军车 亮亭 庆厌 华毕 建健 玮炜 伟玮 辉晖 霞露 雪雷 勇男 勤勒
凤风 凤夙 英荚 萍苹 婷停 静净 丽两 莹萤 荣菜 燕蒸 明朋 鹏腾 磊晶 成戌 杰木 波坡 超起 强弹 飞气 斌赋 海每 涛铸
鑫金 欣欢 佳桂 涵函 浩洁 梓辛 宇字 轩轮 怡恰 诗待 雨两 昊吴 泽译 瑞端 琪淇 于千 丛从 宋宗 郑邓 徐除 吕昌 姜美
赵起
""".split()  # noqa: SIM905 - a table reads better than a list of literals

# Traditional and variant forms that old registers still hold.
VARIANTS = dict(
    zip(
        "于钟国华丽凤兰云龙东刚强庆荣伟义卫军红辉发学宝贵双",
        "於鍾國華麗鳳蘭雲龍東剛強慶榮偉義衛軍紅輝發學寶貴雙",
        strict=True,
    )
)


@cache
def homophones() -> dict[str, str]:
    """Character -> the others that sound like it."""
    return {
        char: group.replace(char, "") for group in HOMOPHONES.values() for char in group if len(group) > 1
    }


@cache
def look_alikes() -> dict[str, str]:
    """Character -> the others that look like it."""
    found: dict[str, str] = {}
    for pair in LOOK_ALIKES:
        left, right = pair[0], pair[1]
        found[left] = found.get(left, "") + right
        found[right] = found.get(right, "") + left
    return found


@cache
def syllables() -> dict[str, str]:
    """Character -> its toneless syllable."""
    return {char: syllable for syllable, group in HOMOPHONES.items() for char in group}
