"""Orders about the photo as a photo: light and colour, crop, turn, ID photo, retouching, cut-out, mosaic, words on it, collage.

``PATTERNS`` are data: an operation, what its ``content`` is, and how it is said. A pattern is matched against a whole
clause (its words joined, politeness gone), in which ``t`` stands for what it is about, ``c`` for what comes of it, ``p`` for
a place; whatever ``t`` holds must be one thing or the whole picture, so that nothing in a clause is passed over. Steps
that the frames read in the words of the first schema (提亮 as a ``modify``) are put into those of the second by ``retouched``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.language import phrases
from bot.language.clauses import Clause
from bot.language.order import whole
from bot.language.phrases import Phrase
from bot.language.tokens import Token, fold, vocabulary, words
from storage.plans import Step

_DO = "(?:调整|处理|重新|自动|一键|来|做|再|更|给|调|弄|搞|整|改|变|转|修|p|提|打|拉|增|加|推|换|设|压|降|减|提升|提高|增加|增强)*"
_TO = "(?:得|成|到|为|作|出|的|个|下|张|一)*"
_UP = "(?:再|调|拉|提|加|增|升|弄|变|得|高|大|强|上去|起来|上来|多|足|满)+"
_DOWN = "(?:再|调|拉|降|减|压|弄|变|得|低|小|弱|少|下来|下去|收|轻)+"
_RATIO = "[0-9]+[:：比/x][0-9]+|[一三四九十六二]+比[一二三四九十六]+|正方形?|方形|方的|方图|方|竖版|横版|竖图|横图|竖屏|横屏|竖的|横的|圆形|圆的|头像|长条|正方的"
_TURN = "(?:旋转|转动|转|翻转|翻|掉个?头|调转)"
_SIZES = {"小一寸": "小一寸", "大一寸": "大一寸", "小二寸": "small_two_inch", "小两寸": "small_two_inch", "二寸": "two_inch",
          "两寸": "two_inch", "2寸": "two_inch", "一寸": "one_inch", "1寸": "one_inch"}  # fmt: skip
_PAPERS = "护照|签证|身份证|驾照|驾驶证|港澳通行证|社保卡|居住证|学生证|工作证|工牌|结婚证|结婚登记|简历|报名|考公|考研|四六级"
_ID_PHOTO = re.compile(rf"(?:证件|标准|登记|大头|职业|(?:{_PAPERS})用?的?)(?:照片?|相片?)|(?:大|小)?[一二两12]寸")
_WHITE_GROUND = re.compile(
    r"(?:底色?|背景色?)(?:要|换成?|是|为|用|改成?)?(?P<a>\w{1,3}?)色?(?:的|$)|(?P<b>\w{1,3}?)色?(?:底|背景)"
)
_SECRET = "(?:人?脸|面部|正脸|车牌号?码?|牌照|号码?|手机号|电话|名字?|姓名|身份证号?码?|证件号?|证|地址|二维码|头像|账号|微信号?|门牌号?|卡号|隐私|敏感信息|信息|商标|logo)"
_FADING = "(?:淡|少|浅|轻|淡化|减淡|变淡|变少|变浅|平)"
_RETOUCH = (
    "磨个?皮|美个?颜|瘦个?瘦?脸|美个?白|祛痘|祛斑|去红眼|消除?红眼|红眼(?:去掉?|消除?|修复|修)?|去双下巴|除皱|祛皱|去皱|去法令纹|去黑眼圈"
    "|大眼|液化|瘦鼻|丰唇|嫩肤|小脸|v脸|P脸|p脸|修脸|收双下巴|美化皮肤|修皮肤|修肤"
)
_SIDES = "(?:上下左右|左右两?[边侧]?|上下|四周|周围|两[边侧]|[上下左右](?:面|边|方|侧)?|周边|边缘|外面?|外围|背景|画面|画布|图)"
_WRITE = (
    "(?:写上?|加上?|配上?|打上?|印上?|题上?|p上?|添上?|放上?|标上?|输入|来|弄上?|整上?|做上?|刻上?)"
    "(?:个|一?行|几个|一?句|一?段|点|一?些|两个|四个|[一二三四五六七八九十]个)*(?:[^字]{1,2}色的?|[红白黑金蓝黄]的?|大|小|艺术|手写)?"
    "(?:字幕|文字|标题|文案|标语|题字|字样|字儿?|水印|落款|祝福语?)"
)

# operation, content (as it stands, or "" for what ``c`` holds), pattern
PATTERNS: tuple[tuple[str, str | None, str], ...] = (
    # turning
    ("rotate", "straighten", rf"(?:(?P<t>.*?)(?:歪了|斜了|不平|不正|有点歪|有点斜)*)?{_DO}(?:摆|扶|转|调|弄|校|矫|纠|修|拉|放|p|掰)(?:正|平|直)(?:过来)?"),
    ("rotate", "straighten", rf"(?:水平|角度|地平线|水平线|海平面|倾斜)(?:{_DO})(?:校正|矫正|调平|拉平|拉直|修正|正|直|平)|(?:校正|矫正|纠正|修正)(?:一下)?(?P<t>.*?)(?:水平|角度|倾斜|歪斜|透视)?"),
    ("rotate", "straighten", r"(?P<t>.*?)(?:拍|照)?得?(?:是|都|好像|稍微|有些|有点)*(?:歪|斜|倾斜)了?"),
    ("rotate", "half", rf"(?P<t>.*?)(?:上下|上下颠倒|倒)(?:{_TURN}|颠倒|反)?(?:过来|一下|180度?°?)|(?P<t2>.*?){_TURN}(?:个|了|过)*(?:180|一百八十)(?:度|°)?|(?P<t3>.*?)(?:是|都|好像|拍)*(?:倒|颠倒)(?:着|过来)?的?"),
    ("rotate", "mirror", rf"(?P<t>.*?)(?:做|来|弄|个|成|用|下)*(?:左右|水平)?(?:镜像|镜面)(?:{_TURN}|对称|反转|过来|处理)?|(?P<t2>.*?)(?:左右|水平)(?:{_TURN}|反转|颠倒|对调|反)(?:过来)?|(?P<t3>.*?)翻转(?:过来)?"),
    ("rotate", "right", rf"(?P<t>.*?)(?:顺时针|[向往朝]右边?){_TURN}(?:个|了)*(?:90|九十)?(?:度|°)?|(?P<t2>.*?){_TURN}(?:个|了)*(?:顺时针|[向往朝]右边?|右)(?:90|九十)?(?:度|°)?|(?P<t3>.*?)右{_TURN}(?:90|九十)?(?:度|°)?"),
    ("rotate", "left", rf"(?P<t>.*?)(?:逆时针|[向往朝]左边?){_TURN}(?:个|了)*(?:90|九十)?(?:度|°)?|(?P<t2>.*?){_TURN}(?:个|了)*(?:逆时针|[向往朝]左边?|左)(?:90|九十)?(?:度|°)?|(?P<t3>.*?)左{_TURN}(?:90|九十)?(?:度|°)?"),
    ("rotate", "", rf"(?P<t>.*?){_TURN}(?:成|到|为|个|了|过来?)*(?P<c>横着?的?|竖着?的?|横过来|竖过来|[0-9]+(?:度|°)|九十度)"),
    # crop
    ("crop", "", rf"(?P<t>.*?)(?:裁剪?|剪裁?|裁切|截|切)(?:{_TO}|一下)(?P<c>{_RATIO})(?:形|的|比例|构图|尺寸|图)*(?P<use>发.{{1,6}})?"),
    ("crop", "", rf"(?P<t>.*?)(?:改|弄|做|变|换|整|调|设|要|按照?)(?:{_TO})(?P<c>[0-9]+[:：比][0-9]+|[一三四九十六二]+比[一二三四九十六]+|正方形|方形|方图)(?:的|比例|构图|尺寸|头像|图)*(?:裁剪?|剪裁)?"),
    ("crop", "", r"(?P<c>[0-9]+[:：比][0-9]+)(?:的|比例|构图|头像|图|尺寸)*(?:裁剪?)?"),
    ("crop", "", r"(?:把)?(?P<c>[^把]*?(?:[上下左右]面?边?|四周|周围|两边|边缘|边上|空白|留白|多余|白边|黑边|天空|地面|头顶)[^把]*?)(?:裁|剪|切|截掉)(?:掉|去|了|一?裁|一点|点|下|短)*"),
    ("crop", "", r"(?:裁|切|剪)(?:掉|去|了|一下|下|点)+(?P<c>.+)"),
    ("crop", None, r"(?P<t>.*?)(?:裁|裁剪|剪裁|裁切|裁一?裁|截)(?:下|一下|小|小点|短)*"),
    # light and colour
    ("adjust", "brighter", rf"(?:(?P<t>.*?)(?:的)?)?(?:亮度|曝光度?|明度){_UP}|{_DO}(?:提高|提升|增加|加强|加大|加|提|调高|拉高|补|增)(?P<t2>.*?)(?:的)?(?:亮度|曝光度?)"),
    ("adjust", "darker", rf"(?:(?P<t>.*?)(?:的)?)?(?:亮度|曝光度?|明度|高光){_DOWN}|{_DO}(?:降低|减少|减|降|压低?|调低|拉低)(?P<t2>.*?)(?:的)?(?:亮度|曝光度?|高光)"),
    ("adjust", "contrast", rf"(?:(?P<t>.*?)(?:的)?)?(?:对比度?|反差){_UP}|{_DO}(?:提高|提升|增加|增强|加强|加大|加|提|调高|拉高)(?P<t2>.*?)(?:的)?(?:对比度?|反差)"),
    ("adjust", "vivid", rf"(?:(?P<t>.*?)(?:的)?)?(?:颜色|色彩)?饱和度?{_UP}|{_DO}(?:提高|提升|增加|增强|加强|加大|加|提|调高|拉高)(?P<t2>.*?)(?:的)?(?:色彩)?饱和度?"),
    ("adjust", "muted", rf"(?:(?P<t>.*?)(?:的)?)?(?:颜色|色彩)?饱和度?{_DOWN}|{_DO}(?:降低|减少|减|降|压低?|调低|拉低)(?P<t2>.*?)(?:的)?(?:色彩)?饱和度?"),
    ("adjust", "warmer", rf"(?:(?P<t>.*?)(?:的)?)?(?:色温|色调|颜色|色彩|调子|冷暖|白平衡)?(?:偏)?{_DO}(?:成|得|到|为|往|偏|个|的)*(?:暖|暖色调?|暖调|暖黄)(?:的|色|调|起来)*|(?:(?P<t2>.*?)的?)?色温{_UP}"),
    ("adjust", "cooler", rf"(?:(?P<t>.*?)(?:的)?)?(?:色温|色调|颜色|色彩|调子|冷暖|白平衡)?(?:偏)?{_DO}(?:成|得|到|为|往|偏|个|的)*(?:冷|冷色调?|冷调)(?:的|色|调|下来)*|(?:(?P<t2>.*?)的?)?色温{_DOWN}|(?P<t3>.*?)(?:去黄|别太黄|不要太黄)"),
    ("adjust", "vivid", rf"(?:(?P<t>.*?)(?:的)?)?(?:颜色|色彩)?{_DO}(?:成|得|到|为)*(?:鲜艳|鲜亮|艳|艳丽|鲜明|浓郁|饱满|明艳|鲜活|好看的颜色)"),
    ("adjust", "muted", rf"(?:(?P<t>.*?)(?:的)?)?(?:颜色|色彩){_DO}(?:成|得|到|为)*(?:淡|素|淡雅|清淡|柔和)"),
    ("adjust", "brighter", rf"(?P<t>.*?)的?{_DO}(?:成|得|到)*(?:(?<![月漂发闪])亮|明亮|亮堂|敞亮)(?:起来|度)?|{_DO}(?:提亮|调亮|打亮|加亮)(?P<t2>.+)|(?P<t3>.*?)(?:不要|别)(?:这么|那么|太)?(?:暗|黑)"),
    ("adjust", "darker", rf"(?P<t>.*?)的?{_DO}(?:成|得|到)*(?:暗|昏暗)(?:下来)?|{_DO}(?:压暗|调暗)(?P<t2>.+)|(?P<t3>.*?)(?:高光)?(?:压|降)(?:一?压|低|下来)+(?:高光|亮度)?|(?P<t4>.*?)(?:不要|别)(?:这么|那么|太)?(?:亮|曝)"),
    ("adjust", "sharper", rf"(?:(?P<t>.*?)(?:的)?)?(?:{_DO}(?:锐化|锐利|锐)(?:处理)?|锐度{_UP}|{_DO}(?:锐度))|锐化(?P<t2>.+)"),
    ("adjust", "denoise", rf"(?:(?P<t>.*?)(?:的)?)?{_DO}(?:降(?:个|降)?噪(?:点)?|去(?:除|掉)?噪(?:点)?|(?:噪点|颗粒感?){_DO}(?:去掉?|去除|少|消除?|干净|掉|降低|减少)|(?:去掉|去除|消除|减少|降低)(?:噪点|颗粒感?))(?:处理)?|.*?(?:噪点|颗粒感?)(?:太|好|很|有点)*(?:多|重|大|明显)*(?:了)?{_DO}(?:降一?降|降|去一?去|处理)(?:下|一下)?"),
    ("adjust", "grayscale", rf"(?P<t>.*?){_DO}(?:成|为|做|来|个|张)*(?:黑白)(?:的|色|照片?|效果|片|风格?|滤镜|图)*"),
    ("adjust", "colorize", rf"(?P<t>.*?(?:照片?|相片?|图|黑白|这张|那张|旧照|老照)的?){_DO}(?:上(?:个|下|点)?(?:颜)?色|着(?:个)?色|填色)|(?P<t2>.*?){_DO}(?:成|为)*彩色(?:的|照片?|图)*|上(?:个|下)?色"),
    ("adjust", "relight", r"(?P<t>.*?)(?:补|打|加)(?:个|点|一下|下)*(?:补光|光|灯光|柔光|侧光|顺光)(?:上去)?|(?:重新|重)打光"),
    ("adjust", "auto", r"(?:.*?(?:自动|一键|智能|随便|帮忙|整体)(?:调色|优化|美化|调整|调一下|调|修图|增强|调光|修|p)(?:下|一下|色|光|光线|颜色)*|(?:调|修|校正|校)(?:个|下|一下|正)*(?:色|颜色|光|色彩|白平衡|光影|色调|光线)|(?:优化|美化|增强)(?:一下|下)?(?:光线|颜色|色彩|画面|光影|照片)?|(?:光线|颜色|色彩|色调)(?:优化|美化|调整|调|修|校正)(?:一下|下|好看)*)"),
    # sharp again, whole again, wider
    ("upscale", None, rf"(?P<t>.*?)(?:太糊了?|糊了?|模糊了?|不清楚|很糊|看不清)?{_DO}(?:成|得|到|为|个|张|做)*(?:高清|超清|清晰|清楚|4k|8k|1080p|2k|高分辨率|超分|蓝光)(?:度|化|的|版|图|画质|处理|重制|放大|修复)*"),
    ("upscale", None, rf"(?P<t>.*?)(?:的)?(?:分辨率|清晰度|像素|画质|解析度){_DO}(?:修复|提升|提高|增强|优化|高|好|上去|改善|变好|拉满|{_UP})|{_DO}(?:提升|提高|增强|改善|优化|修复)(?P<t2>.*?)(?:的)?(?:分辨率|清晰度|像素|画质|解析度)|画质修复"),
    ("upscale", None, r"(?P<t>.*?)(?:无损)?放大(?:到|成)?(?:[0-9]+倍|[两二三四]倍|4k|8k|2k)?(?:不要|别|不能|还)?(?:太)?(?:糊|模糊|失真|清晰|清楚|高清)|(?P<t2>.*?)(?:去|除|消除)模糊|别这么糊|不要这么糊|(?P<t3>.*?)(?:无损放大)"),
    ("restore", None, rf"(?P<t>.*?(?:老|旧|破|爷|奶|祖|外婆|外公|以前的?)[^,]*?(?:照片?|相片?|图|相))(?:给|都|有点|发黄|褪色|破了?|坏了?)*{_DO}(?:修复|翻新|修一?修|修修|复原|还原|修补|修好|修|补全|补一?补|恢复)(?:下|如新|好)*|{_DO}(?:修复|翻新|修补|复原|还原|修好?|修一修|修修)(?:一下|下)?(?P<t2>.*?(?:老|旧|破)[^,]*(?:照片?|相片?|图|相))|(?:老照片|旧照片?)(?:修复|翻新)?"),
    ("restore", None, rf"(?:把)?(?:上面|上边|照片上|相片上)?的?(?:那些|这些)?(?:划痕|折痕|裂痕|裂纹|破损|霉斑|霉点|缺角|撕裂|褶皱|水渍|泛黄|发黄|褪色)(?:和|、|的地方|部分|都|跟|折痕|划痕)*{_DO}(?:修复?|修一?修|修掉|修补|修好|去掉?|去除|补上?|补全|还原)(?:一下|下)?"),
    ("restore", None, r"(?:修复|翻新)(?:一下|下)?(?P<t>.*)"),
    ("extend", None, r"(?:.*?)(?:扩图|外扩|扩图一下|扩展图)(?:一圈|一下|一点|[0-9]+%|.{0,3}倍)?(?:补[全齐].{0,4})?"),
    ("extend", "p", rf"(?:往|向|朝)?(?P<p>{_SIDES})(?:再|给我|都|多|稍微)*(?:往外)?(?:扩展?|延伸|延展|延长|扩充|拓展|加宽|加长|补出来?|拉宽|扩大)(?:一?截|一?点|一?些|一?圈|出去|出来|一下|开|宽|一?块)*"),
    ("extend", "p", rf"(?:扩展?|延伸|延展|扩充|拓展|补全|补齐)(?:一下|下)?(?P<p>{_SIDES})(?:的?(?:画面|背景|内容|空间|边缘|画布))?"),
    ("extend", "", rf"(?P<t>.*?)(?:画面|画布|图|背景|照片|构图)?(?:扩展?|延展|扩充|拓展|补)(?:成|到|为)(?P<c>{_RATIO})(?:的|比例|画面)*"),
    # faces
    ("beautify", "", rf"(?P<t>.*?)(?:做|来|开|个|加|p)*(?P<c>(?:(?:{_RETOUCH})(?:和|加|、|再|也|都)*)+)(?:处理|一条龙|全套|一下|效果|滤镜)*"),
    ("beautify", "", rf"(?P<t>.*?)的?(?P<c>(?:皱纹|黑眼圈|眼袋|法令纹|鱼尾纹|抬头纹|雀斑|色斑|斑|痘印|痘痘|毛孔|细纹|双下巴){_DO}{_FADING})(?:掉)?"),
    ("beautify", "", rf"(?P<t>皮肤|肤色|脸色|脸上?皮肤|脸部|脸蛋|脸|牙齿?|.{{1,5}}的(?:皮肤|脸|牙齿?|脸部)){_DO}(?:成|得)*(?P<c>白|白嫩|白皙|光滑|细腻|嫩|好|瘦|小|尖|美白|瘦小|紧致|干净|通透|红润)"),
    ("beautify", "", rf"(?P<t>.*?)(?P<c>眼睛{_DO}(?:得|成)*(?:大|放大))"),
    # cut out, hide
    ("cutout", None, r"(?:抠|扣|剪|裁|提取|分离|分割|单独抠)(?:一下|个|下)*(?P<t>.*?)(?:抠|的)?(?:出来|下来|出)(?:发我|给我)?|(?P<t2>.+?)(?:单独)?(?:抠|扣|剪|提取|分离|分割|裁)(?:一下)?(?:出来|下来|出|个?图|个?像|一下图)(?:发我|给我)?"),
    ("cutout", None, r"(?:抠|扣)(?:个|一下|张)?(?:图|像)|(?:抠|扣)(?:个|一?张?)(?P<t>人像|人|主体|产品|头像|猫|狗)(?:图|像)?(?:发我)?|(?P<t2>.*?)(?:抠|扣)图"),
    ("cutout", None, rf"(?P<t>.*?){_DO}(?:成|为|个|张|换)*(?:透明|去)(?:的)?(?:底|背景|图层)(?:的)?(?:png|图|图片|格式)*|(?P<t2>.*?)(?:背景|底色?){_DO}(?:成|为)*透明(?:的|png)*|png(?:透明|格式)?的?|免抠图?"),
    ("cutout", None, r"背景(?:去掉|删掉|去除|不要)(?:只|就)(?:要|留|保留)(?P<t>.+)|(?:只|就)(?:要|留|保留)(?P<t2>.+?)(?:其他|别的)?背景(?:去掉|不要|删掉|都不要)"),
    ("mosaic", None, r"(?P<t>.*?)(?:加|来|打|做|上|弄|p)(?:个|上|一下|点|层|些)*(?:马赛克|马赛|码)(?:处理)?|(?P<t2>.*?)马赛克(?:处理|掉|一下)?|打码(?P<t3>.+)"),
    ("mosaic", None, rf"(?P<t>.*?{_SECRET}(?:都|全|全部)?)(?:遮|挡|盖|糊|涂|模糊|虚化|涂黑|隐藏|打糊)(?:一?遮|一?挡|住|掉|上|黑|一下|下|处理|花)*|(?:遮|挡|盖|糊|涂|模糊)(?:住|掉|一下|下|黑)*(?P<t2>.*?{_SECRET})"),
    # several photos, faces
    ("collage", "nine", r".*?(?:九宫格|9宫格|九格)(?:图|拼图)?"),
    ("collage", "stack", r".*?(?:拼|做|弄|合|接|连|排|p)*(?:成|个|张|一)*(?:长图|竖着拼.*|上下拼.*|上下排.*)"),
    ("collage", "side_by_side", r".*?(?:左右(?:并排)?|并排|横着|横向|并列)(?:地|放|在一起|排)*(?:拼接?|放|对比图?|合成?)?(?:在?一起|一张|成一张|起来|一块儿?)*"),
    ("collage", "", r".*?(?:拼|做|弄|合|p)*(?:成|个|张|一)*(?P<c>[四六三二两]宫格|[四六三二两]格)(?:图|拼图)?"),
    ("collage", None, r"(?:把)?.*?(?:张|图|照片)?.*?(?:拼|合|合并|拼接|组合|合成)(?:成|在|到|为|个|一?下|起来)*(?:一张|一起|一块儿?|一个图|图|同一张|一幅|一图)(?:图|里|照片|上)*|拼图"),
    ("swap", "", r"(?:把|让|将)?(?P<t>.+?)(?:和|跟|与|同|、)(?P<c>.+?)的?(?:左右|前后)?(?:位置|位子|站位|座位)?(?:左右)?(?:互换|互调|对调|对换|调换|交换|调个|换个|换)(?:一?下|个)*(?:位置|位子|站位|位)?"),
    ("swap", None, r"(?:把|让|将)?(?P<t>.*?(?:俩|两个?人?|两[只个位条].{0,3}|们|二人|双方))的?(?:位置|位子|站位)?(?:左右)?(?:互换|对调|对换|调换|交换|调个|换个|换)(?:一?下|个)*(?:位置|位子|站位|位)?"),
    ("face_swap", "", r"(?:把|将|用)?(?P<c>.+?)的?(?:脸|头|人脸|五官)(?:换|p|放|移|安|贴|合成|装|嫁接|弄|套|接)(?:到|在|去|上|给)+(?P<t>.+?)的?(?:身上|脸上|头上|身体上|上|身体)?"),
    ("face_swap", "", r"(?P<t>.+?)的?(?:脸|人脸|面孔)(?:换成?|变成?|改成?|p成?|替换成?)(?:为|作)?(?P<c>.+?)的?(?:脸|人脸|样子)?"),
    ("face_swap", None, r"(?P<t>.*?)(?:互相|互)?(?:换|互换|交换|对换|调换)(?:个|一下|下)*(?:脸|头|人脸)|(?P<t2>.*?)的?脸(?:互换|对换|交换|对调|换一下|调换)(?:一下)?"),
)  # fmt: skip

_STAYING = re.compile(
    r"(?:[^,，]*?[,，]?)?(?:只|就|仅|单独)(?:留下?|保留|要|剩下?|截取?|裁出?|截出)(?P<c>.+?)(?:的?那?(?:部分|画面))?(?:就|在画面里|就行|就好|其他(?:都|全)?(?:裁掉?|不要|去掉)|就可以|了|吧|呗)*"
)
_LACKING = re.compile(
    r"(?:帮我|给我|给(?P<who>\S{1,3}?))?(?:换|改|变|换换|改改|染)(?:一?[个种款套身件双条顶张副下])?(?P<what>发型|发色|头发|衣服|背景|造型|表情|姿势|动作|鞋子?|裤子|裙子|帽子|眼镜|风格|画风|颜色|底色|妆容|妆|服装|衣裳|穿搭|天气|季节|滤镜)(?:吧|呗|呀|啊|试试|看看|一下|可以吗|好吗|行吗|嘛|颜色)*"
)
_UNWANTED = re.compile("(?P<t>[^,，不]{1,6}?)(?:的颜色)?(?:不要|不想要|别用|不喜欢)(?P<c>[^,，]{1,3}?)(?:的|了)*")
_OF_LACKING = {
    "背景": "background",
    "底色": "background",
    "风格": "restyle",
    "画风": "restyle",
    "滤镜": "restyle",
    "颜色": "recolor",
    "发色": "recolor",
}
_WORN = words("衣服 鞋 鞋子 裤子 裙子 帽子 眼镜 服装 衣裳 穿搭")
_SCRATCHES = words("划痕 折痕 裂痕 霉点 霉斑 破损 噪点 裂纹 褶皱")

_WORD_ON_IT = re.compile(rf"(?P<p>[^,，。\"“]*?)(?:{_WRITE})(?:[:：,，\s]|内容|叫|是|说)*(?P<c>.+)?")
_WRITTEN = re.compile(
    r"(?P<p>[^,，。\"“]*?)(?:写上?|印上|题上?|p上|打上|标上|配上|写着|写个)(?P<q>[:：,，\s]*)(?P<c>.+)"
)
_DATED = re.compile(
    r"(?P<p>[^,，。]*?)(?:加上?|打上?|标上?|p上?|添上?)(?:个|一个)?(?:拍摄)?(?:日期|时间|年份|水印)(?P<q>[:：,，\s]*)(?P<c>[0-9@].+)"
)
_HERE = re.compile("这张|那张|照片|图片|图|相片|画面|整体|整张|全图|它|这个|上面|给|把|将|对|原图|自拍|合影|合照")
_BRIGHT = {
    "brighter": "提亮 亮 调亮 亮堂 明亮 打亮 亮起来 加亮 高亮 光亮 亮丽", "darker": "暗 压暗 调暗 昏暗", "warmer": "暖 暖色 暖色调", "cooler": "冷 冷色 冷色调",
    "vivid": "鲜艳 艳 明艳 鲜亮 鲜明 饱和", "sharper": "锐化 锐利", "denoise": "去噪 降噪", "relight": "补光 打光 柔光 顺光 侧光", "contrast": "对比强 高对比",
}  # fmt: skip
_LIGHT = {word: value for value, line in _BRIGHT.items() for word in line.split()}
_SCALES = {
    "亮度": ("brighter", "darker"), "曝光": ("brighter", "darker"), "曝光度": ("brighter", "darker"), "明暗": ("brighter", "darker"),
    "光线": ("brighter", "darker"), "色温": ("warmer", "cooler"), "色调": ("warmer", "cooler"), "对比度": ("contrast", "对比度低"),
    "饱和度": ("vivid", "muted"), "清晰度": ("sharper", "denoise"), "锐度": ("sharper", "锐度低"),
}  # fmt: skip
_FACES = words(
    "下颌线 下颌 颧骨 发际线 额头 皮肤 肤色 脸 脸部 脸蛋 脸盘 脸型 人脸 面部 眼睛 双眼 眼 牙齿 牙 皱纹 黑眼圈 眼袋 法令纹 双下巴 下巴 鼻子 鼻梁 嘴唇 五官 雀斑 斑点 毛孔 痘印"
)
_FAIRER = words(
    "收 收一收 滑 美颜 美白 磨皮 瘦脸 祛痘 大眼 除皱 去皱 瘦 白 白皙 白净 光滑 嫩 细腻 小 尖 大 放大 挺 高 淡 淡化 少 水嫩 粉嫩 水润 紧致 立体 干净 变大 变小 变白 瘦小"
)
_RETOUCHED = words("美颜 美白 磨皮 瘦脸 祛痘 大眼 除皱 去皱 嫩肤 红眼")
_SHARP = words("清晰 高清 清楚 超清 4k 8k 1080p 高分辨率")
_HIDDEN = words("打码 马赛克 打马赛克 打上码 打个码 码")
_TINTED = (
    "头发",
    "发型",
    "发色",
    "刘海",
    "头毛",
    "秀发",
    "辫子",
    "马尾",
    "短发",
    "长发",
    "卷发",
    "胡子",
    "眉毛",
    "嘴唇",
    "唇",
    "口红",
    "發",
    "頭髮",
)
_STEADY = (
    "crop",
    "rotate",
    "extend",
    "upscale",
    "restore",
    "cutout",
    "mosaic",
    "text",
    "collage",
    "swap",
    "face_swap",
    "id_photo",
)
_WHOLES = ("色调", "颜色", "色彩", "画面", "整体", "光线", "影调", "调子", "照片", "图")
_CLEAR = ("通透", "清透", "透亮", "透")
_LESS = words("低 小 暗 弱 少 冷")


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a clause joined; ``at[i]`` is where its ``i``-th character stands in the user's text."""

    words: str
    at: tuple[int, ...]
    tokens: Sequence[Token]
    text: str

    def said(self, start: int, end: int) -> str:
        """What the user wrote there."""
        return self.text[self.at[start] : self.at[end - 1] + 1] if start < end else ""

    def within(self, start: int, end: int) -> list[Token]:
        """The tokens that lie wholly between two characters."""
        if start >= end:
            return []
        first, last = self.at[start], self.at[end - 1]
        return [token for token in self.tokens if first <= token.start and token.end - 1 <= last]


def joined(tokens: Sequence[Token], text: str) -> Line:
    """A clause as one line. Slips are written right, so a word may be as long as it is, but never longer than was said."""
    words, at = [], []
    for token in tokens:
        if token.part in ("GAP", "STOP"):
            continue
        word = token.word.removesuffix("一下") or token.word  # 转一下 is one word of the lexicon
        for offset, character in enumerate(word[: max(1, token.end - token.start)]):
            words.append(character)
            at.append(min(token.start + offset, len(text) - 1))
    return Line("".join(words), tuple(at), tokens, text)


def read(clause: Clause) -> list[Step] | None:
    """The steps of a clause that is about the photo as a photo; None for other clauses."""
    if not clause.photos and not clause.asked:
        return None
    line = joined(clause.tokens, clause.text)
    if (staying := _staying(clause)) is not None:
        return [staying]
    if not 1 <= len(line.words) <= 40:
        return None
    if (portrait := _id_photo(line, clause)) is not None:
        return [portrait]
    heard = joined(clause.heard, clause.text)
    for one in _variants(heard, line):
        for operation, content, pattern, needed in _compiled():
            if not any(word in one.words for word in needed):
                continue
            match = pattern.fullmatch(one.words)
            if match is not None and (step := _step(operation, content, match, one, clause)) is not None:
                return [step]
    return None


def _variants(heard: Line, line: Line) -> list[Line]:
    """A clause as it was heard and as it was set right, and each without the photo that it ends in: 扶正照片."""
    found = [heard, line] if heard.words != line.words else [line]
    for one in tuple(found):
        if (ended := re.fullmatch("(.{2,}?)(?:这张|那张|这个|我的)?(?:照片|图片|相片|画面)", one.words)) is not None:
            end = len(ended[1])
            found.append(Line(one.words[:end], one.at[:end], one.tokens, one.text))
    return found


def _staying(clause: Clause) -> Step | None:
    """只留左边两个: who stays in the picture, as said."""
    start, end = clause.span
    match = _STAYING.fullmatch(fold(clause.text[start:end])) if clause.photos else None
    if match is None or clause.done:
        return None
    line = joined(clause.tokens, clause.text)
    said = clause.text[start + match.start("c") : start + match.end("c")].strip("的,，")
    held = [token for token in line.tokens if token.start >= start + match.start("c")]
    named = phrases.thing(held, clause.text) if held else None
    if named is None or named.kind in (
        "hair",
        "wearable",
        "clothes",
        "chatty",
        "MOD",
        "tint",
        "STYLE",
        "time",
        "aspect",
    ):
        return None
    if re.search("背景(?:去|删|不)", match[0]):
        return Step("cutout", named.said, position=named.position)
    return Step("crop", content=said) if not re.search("换|改|变|加|去|删|调|戴|穿", said) else None


def lacking(text: str) -> Step | None:
    """换个发型: an order that does not say into what."""
    line = fold(text).strip(" ,，。.!！?？~～")
    if (unwanted := _UNWANTED.fullmatch(line)) and vocabulary().parts.get(unwanted["c"], ("",))[0] == "COLOR":
        start = fold(text).index(unwanted["t"])
        return Step("recolor", target=text[start : start + len(unwanted["t"])])  # 沙发不要红色
    match = _LACKING.fullmatch(line)
    if match is None:
        return None
    what = match["what"]
    operation = _OF_LACKING.get(what, "replace" if what in _WORN else "modify")
    target = (
        None
        if operation in ("background", "restyle") or what == "颜色"
        else text[match.start("what") : match.end("what")]
    )
    return Step(operation, target=target)


def idle(step: Step) -> bool:
    """Whether nobody orders this: 上面有划痕 tells what is wrong."""
    return step.operation == "insert" and step.content in _SCRATCHES


def retouched(step: Step) -> Step:
    """A step of the first schema in the words of the second, where that has better ones."""
    better = _retouched(step)
    if better.operation == "adjust" and better.target in _WHOLES:
        return replace(better, target=None)
    return better


def _retouched(step: Step) -> Step:
    target, content = step.target or "", step.content or ""
    if step.operation == "move" and step.content and step.target:
        return replace(step, operation="swap")
    if step.operation == "restyle" and content == "黑白":
        return replace(step, operation="adjust", content="grayscale", target=None)
    if step.operation == "replace" and (owner := re.fullmatch("(.*?)的?人?脸", target)):
        someone = step.concept or _somebody(content)
        if someone:
            return replace(
                step, operation="face_swap", target=owner[1] or None, content=None if step.concept else content
            )
    if step.operation == "modify" and step.color and not content and target.endswith(_TINTED):
        return replace(step, operation="recolor")
    if step.operation == "replace" and target and content.endswith("色") and 1 < len(content) <= 4 and not step.concept:
        return replace(step, operation="recolor")
    if step.operation in _STEADY:
        return replace(step, strength="normal")
    if step.operation != "modify" or not content:
        return step
    if target in _SCALES:
        return replace(step, operation="adjust", content=_SCALES[target][content in _LESS], target=None)
    if content in _HIDDEN:
        return replace(step, operation="mosaic", content=None)
    if content in _RETOUCHED or (content in _FAIRER and any(target.endswith(part) for part in _FACES)):
        return replace(step, operation="beautify")
    if content in _SHARP:
        if target:
            return replace(step, operation="adjust", content="sharper")
        return Step("upscale", strength="normal")
    if content in _CLEAR and not (step.color or step.concept):
        return replace(step, operation="adjust")
    if (
        content in _LIGHT
        and not (content in ("冷", "暖", "亮起来", "高亮", "光亮") and target)
        and not target.endswith("眼睛")
    ):
        return replace(step, operation="adjust", content=_LIGHT[content])
    return step


def _somebody(content: str) -> bool:
    part, value = vocabulary().parts.get(content, ("X", ""))
    return part in ("NAME", "PRON") or value == "person"


@lru_cache(maxsize=1)
def _compiled() -> list[tuple[str, str | None, re.Pattern[str], tuple[str, ...]]]:
    """The patterns, each with characters of which a clause must have one."""
    return [(operation, content, re.compile(pattern), _KEYS[operation]) for operation, content, pattern in PATTERNS]


_KEYS: dict[str, tuple[str, ...]] = {
    "rotate": tuple("正平直歪斜转镜翻倒掉"), "crop": tuple("裁剪截切留要剩比形方:：保"), "adjust": tuple("暗压降提噪亮曝明对反饱色暖冷艳鲜锐噪颗黑彩光优美增黄度化浓调"),
    "upscale": tuple("清4k8分像画解放糊"), "restore": tuple("修翻复还补痕损老旧"), "extend": tuple("扩延拓补加拉"),
    "beautify": tuple("皮颜脸白痘斑眼巴皱纹化鼻唇肤牙斑孔大"), "cutout": tuple("抠扣透png免背去提分剪裁"), "mosaic": tuple("码马遮挡盖糊涂抹模虚隐"),
    "collage": tuple("拼宫格长并左合"), "swap": tuple("换调"), "face_swap": tuple("脸头面官"),
}  # fmt: skip
_TEXT_KEYS = tuple("字写配印题水标")


def _step(operation: str, content: str | None, match: re.Match[str], line: Line, clause: Clause) -> Step | None:
    named = next((name for name in ("t", "t2", "t3", "t4") if name in match.re.groupindex and match[name]), None)
    target = _about(line, *match.span(named), clause.photos) if named else None
    stated = named and any(token.part in ("BAD", "STRONG", "IS") for token in line.within(*match.span(named)))
    if stated and operation == "adjust":
        return None  # 这张好暗 tells how it is
    if target is _NOTHING:
        return None
    if clause.done and operation not in ("rotate", "cutout", "upscale"):
        return None
    position = target.position if target else None
    said = target.said if target else None
    concept = None
    if "p" in match.re.groupindex and match["p"]:
        position, content = _side(match["p"]), None
    elif content == "":
        start, end = match.span("c")
        content = _content(operation, line.said(start, end).rstrip("的"), line.words[start:end])
        if operation == "swap":
            return _swapped(line, match, target)
        if operation == "crop" and not _stays(line, start, end, content):
            return None
        if operation == "face_swap":
            whom = phrases.thing(line.within(start, end), line.text, incoming=True)
            if whom is None or (whom.kind not in ("person", "NAME", "PRON", "pet") and not whom.concept):
                return None
            concept, content = whom.concept, None if whom.concept else whom.said
            if target is None:
                return None
    if operation == "collage" and clause.photos < 2 and "拼" not in line.words and "宫格" not in line.words:
        return None
    if (
        operation == "face_swap"
        and target is not None
        and target.kind not in ("person", "NAME", "PRON", "X", "", "pet")
    ):
        return None
    if operation in ("upscale", "restore", "extend", "rotate", "crop", "collage"):
        if operation == "upscale" and said:
            return Step("adjust", said, "sharper", position=position)
        if (
            operation == "rotate"
            and said
            and not _HERE.search(said)
            and not re.search("线|平面|头像|角度|证|单|书|建筑", said)
        ):
            return None
        if operation == "crop" and said:
            return None
        if operation == "restore" and said and not re.search("照|相|图|角|痕|损|画|处|地方", said):
            return None
        said, position = None, position if operation == "extend" else None
    if operation == "adjust" and content in ("brighter", "darker") and said and said.endswith(("眼睛", "灯")):
        return None
    return Step(operation, said, content, concept, position=position)


def _swapped(line: Line, match: "re.Match[str]", first: Phrase | None) -> Step | None:
    """Who changes places with whom; only with a word for places, or one that says both ways."""
    if not re.search("位|互|对|调|交", line.words[match.end("c") :]):
        return None
    second = _about(line, *match.span("c"), 1)
    names = []
    for phrase, span in ((first, match.span("t")), (second, match.span("c"))):
        if phrase is None or phrase is _NOTHING:
            return None
        names.append(phrase.said or line.said(*span).lstrip("把让将"))
    return Step("swap", names[0], names[1], position=first.position if first and first.said else None)


class _Nothing(Phrase):
    """Words that name nothing one could edit."""


_NOTHING = _Nothing((), None, None)


def _about(line: Line, start: int, end: int, photos: int) -> Phrase | None:
    """What these characters name: a thing, None for the whole picture, _NOTHING for what cannot be one."""
    held = line.within(start, end)
    if not held:
        return None if not line.words[start:end].strip("的把给将") else _NOTHING
    while held and held[0].part in ("BA", "GIVE", "MAKE", "USE", "CHANGE", "DO"):
        held = held[1:]
    while held and (
        held[-1].part in ("DE", "AT", "TO", "LE", "DO") or held[-1].word in ("给", "变", "都", "拍", "来", "看起来")
    ):
        held = held[:-1]
    if len(held) == 1 and held[0].part == "POS" and held[0].value != "none":
        return Phrase((), None, None, held[0].value, pointed=True)
    if (
        not held
        or whole(held)
        or all(t.part in ("PHOTO", "DET", "M", "DE", "BAD", "SLIGHT", "POSS", "ALL", "MOD") for t in held)
    ):
        return None
    if held[-1].part == "PHOTO" or held[-1].word.endswith(("照", "照片", "相片", "图")):
        return None  # 爷爷的老照片
    named = phrases.thing(held, line.text)
    if named is None or (named.head is None and named.position is None) or named.kind == "chatty":
        return _NOTHING
    if named.kind in ("MOD", "LE", "BAD") or (named.kind == "X" and named.head is not None and _is_verb(named.head)):
        return _NOTHING
    return named


def _is_verb(token: Token) -> bool:
    return token.word in vocabulary().verbs


def _side(words: str) -> str | None:
    sides = {"上": "top", "下": "bottom", "左": "left", "右": "right"}
    found = [sides[character] for character in words if character in sides]
    return found[0] if len(found) == 1 else None


def _content(operation: str, said: str, words: str) -> str:
    """A content in the schema's own word where it has one."""
    if operation == "beautify":
        said = re.sub("^(?:去掉?|消除?)(?=红眼)|(?<=红眼)(?:去掉?|消除?|修复|修)$", "", said)
        return re.sub("个|(瘦)(?=瘦脸)", "", said)
    if operation == "rotate":
        return "right" if re.fullmatch("(?:90|九十)(?:度|°)", said) else said
    return proportion(said, words) if operation == "crop" else said


def listed(operation: str, text: str) -> str | None:
    """The size, proportion or pattern that a text names, for an operation that has such: 二寸, 四比三, 九宫格."""
    line = fold(text).replace("吋", "寸")
    if operation == "id_photo":
        return next((value for word, value in _SIZES.items() if word in line), None)
    if operation == "crop":
        found = _PROPORTION.search(line)
        return proportion(found[0]) if found else None
    if operation == "rotate" and (turned := _DEGREES.search(line)):
        quarter = {"90": 1, "九十": 1, "180": 2, "一百八": 2, "270": 3, "二百七": 3}[turned[0]]
        back = re.search("左|逆", line) is not None
        return "half" if quarter == 2 else "left" if back == (quarter == 1) else "right"
    return "nine" if operation == "collage" and re.search("[九9]宫|九格", line) else None


_DEGREES = re.compile("(?<![0-9])(?:90|180|270)(?![0-9])|九十|一百八|二百七")
_PROPORTION = re.compile("[0-9]+[:：比][0-9]+|[一三四九]比(?:十六|[一三四九])|正?方形|正方|方的")


def proportion(said: str, words: str | None = None) -> str:
    """四比三 → 4:3, 方形 → square; other words as they are. ``words``: the same, folded."""
    words = words or fold(said)
    numbers = dict(zip("一二三四五六七八九", "123456789", strict=True)) | {"十六": "16"}
    ratio = re.fullmatch(r"([0-9]+|十六|[一二三四五六七八九])[:：比/x]([0-9]+|十六|[一二三四五六七八九])", words)
    if ratio:
        both = [numbers.get(one, one) for one in ratio.groups()]
        return "square" if both[0] == both[1] else ":".join(both)
    return "square" if re.match("正?方", words) else said


def _stays(line: Line, start: int, end: int, content: str) -> bool:
    """Whether what stays (or goes) is something in a picture: not 只要你开心."""
    if content == "square" or re.fullmatch(rf"{_RATIO}", line.words[start:end]):
        return True
    held = line.within(start, end)
    while held and held[0].part in ("BA", "MAKE"):
        held = held[1:]
    if not held or any(token.part in ("VETO", "BAD", "WANT", "STYLE") for token in held):
        return False
    return phrases.thing(held, line.text) is not None or held[0].part == "POS" or held[-1].part in ("POS", "SIDE")


def _id_photo(line: Line, clause: Clause) -> Step | None:
    """做张一寸照,蓝底."""
    found = _ID_PHOTO.search(line.words)
    if found is None or clause.done or re.search("[去要该]拍|拍了|拍的|明天|昨天|今天", line.words):
        return None
    rest = line.words[: found.start()] + line.words[found.end() :]
    rest = re.sub(_PAPERS + "|要求", "", rest)
    made = re.search("做|生成|弄[成张个]|来[张个一]|[我]要|成|制作|整[张个]|出[张个]|搞[张个]|当|打印", rest) or (
        clause.asked and not re.search("底|背景", rest)
    )
    size = next((value for word, value in _SIZES.items() if word in line.words), None)
    ground = _WHITE_GROUND.search(line.words)
    if re.search("底色?|背景", rest) and not re.search("做|生成|制作|弄|来|要", rest) and size is None:
        return None  # 证件照底色换成蓝色 is another ground for one that is there
    if not made and size is None and (len(rest) > 3 or re.search("底|背景", rest)):
        return None
    paper = re.search(_PAPERS, line.words)
    color = _color(line, ground)
    return Step("id_photo", content=size or (paper[0] if paper else None), color=color)


def ground(tokens: Sequence[Token], text: str) -> str | None:
    """蓝底, 白底的, 底色要红的: the colour of an ID photo's ground, said in a clause of its own."""
    line = joined(tokens, text)
    found = _WHITE_GROUND.search(line.words)
    return _color(line, found) if found and len(line.words) < 12 else None


def _color(line: Line, found: "re.Match[str] | None") -> str | None:
    if found is None:
        return None
    word = found["a"] or found["b"] or ""
    for start in range(len(word)):
        part, value = vocabulary().parts.get(word[start:], ("", ""))
        if part == "COLOR":
            return value
    return None


def written(clause: Clause) -> Step | None:
    """在右下角写上:毕业快乐."""
    start, end = clause.span
    raw = clause.text[start:end]
    if clause.done or not any(key in raw for key in _TEXT_KEYS) or not clause.photos:
        return None
    match = _WORD_ON_IT.fullmatch(raw)
    if match is None or (match["c"] and re.match("去|掉|删|擦|换|改|变|p掉|没", match["c"])):
        match = _WRITTEN.fullmatch(raw) or _DATED.fullmatch(raw)
        if match is None or not (match["q"] or match["c"][0] in "\"“「『《'‘" or re.match(r"[a-zA-Z0-9@]", match["c"])):
            return None
    before = match["p"]
    if re.search("去掉|删|擦掉|不要|别|没|昨天|老师|同学们|作业|他说|她说|怎么|谁|忘", before):
        return None
    words = (match["c"] or "").strip(" \"“”「」『』《》'‘’")
    words = re.sub('["”」』’]+[这的]?[一两二三四五六七八九十几0-9]*个?(?:大|小)?字.*$', "", words)
    words = re.sub(
        "(?:这[几个两四]+个?字|几个字|的字样?|字样|谢谢|就行|就好了?|吧|呗|可以吗|好吗|行吗)+$", "", words
    ).strip(' "“”「」『』')
    line = (
        [token for token in clause.tokens if token.start < start + match.start("c")]
        if match["c"]
        else list(clause.tokens)
    )
    position = next((token.value for token in line if token.part == "POS" and token.value != "none"), None)
    color = next((token.value for token in line if token.part == "COLOR"), None)
    return Step("text", content=words or None, position=position, color=color)
