"""What people ask of a photo bot that is none of a photo's: film, sound, print, files, sending, looking things up. As data."""

import re

from bot.language.tokens import fold
from storage.plans import Step

_WISHES = (
    "视频|短片|动图|gif|动画(?!片|风|感|脸|画)|动起来|会动|能动|动态|live ?图|电子相册|vlog|弹幕|转场|慢动作",
    "音乐|配乐|bgm|配音|旁白|声音|说话|说句话|唱歌|唱首歌|叫[两一几]声|叫一下|朗读|读出来|念出来|录音|语音",
    "3d|三维|立体模型|建模|全息|vr|元宇宙",
    "打印|印刷|冲印|洗出来|装裱|手机壳|抱枕|马克杯|明信片|台历|日历|挂历|拼豆|十字绣图|图纸|拼图玩具|钥匙扣|寄给|寄快递",
    "ppt|pdf|psd|word|excel|svg|矢量|分层|源文件|jpe?g|webp|格式|压缩|[0-9]+ ?(?:k|kb|m|mb)(?![a-z])|文件名|改名|重命名|水印密码|加密|元数据|定位信息|拍摄时间",
    "发(?:到|去|给|送|一?份给)|传到|上传|下载|存到|存进|分享(?:到|给)|朋友圈|邮箱|微博|小红书上|设(?:成|为|置).{0,6}(?:头像|壁纸|封面|屏保)|云盘|百度网盘|链接|二维码贴",
    "翻译|识别|提取文字|ocr|查一?下|搜一?下|查查|多少钱|哪里买|同款|什么品种|叫什么|什么花|什么牌子|几岁|多高|多重|三围|身高|面相|看相|算命|打分|颜值|测一?[测下]|数一?[数下]|几个人|认一?下|是谁拍|在哪拍|这是哪",
    "写[首篇个段].{0,3}[诗文词]|文案|作文|配首诗|编个故事|讲个故事|起个名|想个名|标题党|排版|海报设计|做(?:个)?(?:网页|小程序|游戏)|开.{0,3}店|投票|点赞",
    "换个(?:拍摄)?角度|另一个角度|从.{1,3}(?:往|面|后|背).{0,2}拍|转到(?:正|背|侧)面|看背面|背面是什么样|航拍|俯拍|仰拍|透视图|转个身",
)  # fmt: skip
_BEYOND = re.compile("|".join(_WISHES))
_OURS = re.compile("打码|马赛克|遮|去掉|删|擦|p掉|抹|去除|写上|裁|九宫格|证件|拼图|背景换|透明|抠")
_TAKEN_FOR = ("restyle", "modify", "replace", "insert")  # what rules like to take it for


def beyond(words: str) -> bool:
    """Whether some words wish for something that is none of a photo's, and no order of ours stands in them."""
    line = fold(words)
    return _BEYOND.search(line) is not None and _OURS.search(line) is None


def mistaken(step: Step) -> bool:
    """Whether a step is rather such a wish: 做成3D的 read as a style, 让雪动起来 as a look."""
    said = step.content or ""
    if step.operation == "text":
        return re.search("读出来|念出来|配音|旁白", said) is not None  # any other words may be written
    return (
        step.operation in _TAKEN_FOR and step.concept is None and bool(said) and _BEYOND.search(fold(said)) is not None
    )
