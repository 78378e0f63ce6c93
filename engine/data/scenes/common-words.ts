/** Common English words of picture captions and questions, by kind, so that text from elsewhere is not all fragments. */

import { plural } from './language.ts';

const split = (words: string): readonly string[] => words.trim().split(/\s+/);

export const wordKinds = {
  person: split(`man woman person boy girl child baby kid player guy lady rider surfer skier skateboarder batter pitcher
    catcher driver worker chef cook waiter farmer soldier officer policeman teacher student doctor nurse mother father
    son daughter brother sister friend king queen clown dancer singer artist pilot sailor tourist photographer couple
    family crowd team group audience toddler teenager adult`),
  animal: split(`dog cat horse cow sheep bird elephant giraffe zebra bear lion tiger monkey duck goose chicken pig goat
    rabbit mouse rat fish shark whale dolphin turtle frog snake bee butterfly spider owl eagle parrot pigeon seagull
    penguin swan deer fox wolf camel kangaroo panda squirrel puppy kitten calf lamb pony donkey bull animal pet herd
    flock`),
  vehicle:
    split(`car bus train truck bicycle bike motorcycle scooter airplane plane jet helicopter boat ship kayak canoe
    van taxi tractor wagon cart trailer trolley tram subway skateboard snowboard surfboard sled carriage ambulance
    engine wheel tire vehicle traffic`),
  food: split(`pizza sandwich banana apple orange lemon grape strawberry pear peach cherry melon pineapple carrot broccoli
    potato tomato onion pepper corn lettuce salad soup rice pasta bread toast cake pie donut cookie chocolate candy
    cheese egg meat beef steak ham bacon sausage hotdog burger fries sauce butter milk juice coffee tea water wine beer
    sugar salt fruit vegetable breakfast lunch dinner meal dessert snack slice piece food drink bean mushroom noodle
    cereal honey jam`),
  thing:
    split(`table chair couch sofa bed desk bench shelf lamp mirror clock window door wall floor ceiling roof carpet rug
    curtain pillow blanket towel sink toilet bathtub shower stove oven microwave refrigerator fridge toaster cabinet
    drawer counter plate bowl cup glass mug bottle fork knife spoon pan pot tray napkin basket box bag suitcase backpack
    purse umbrella book newspaper magazine paper pen pencil scissors phone computer laptop keyboard screen monitor
    television tv remote camera radio speaker toy doll ball kite balloon frisbee bat racket glove net vase candle key
    card coin rope chain ladder hammer tool brush comb toothbrush flag sign light pole post fence gate bridge tower
    statue fountain hydrant meter mailbox trash can barrel tent board picture frame poster painting map machine button
    cord wire pipe handle stick block brick tile puzzle game guitar piano drum violin`),
  clothing:
    split(`shirt pants jeans shorts skirt dress suit tie jacket coat sweater hat cap helmet shoe boot sock sandal
    scarf belt uniform glasses sunglasses watch necklace ring earring wig mask apron costume vest pocket sleeve collar
    outfit clothes`),
  body: split(`head face hair eye ear nose mouth tooth tongue lip chin neck shoulder arm hand finger leg knee foot toe back
    chest beard mustache tail wing paw fur feather horn beak trunk skin body`),
  nature:
    split(`tree flower grass leaf branch bush plant wood rock stone sand dirt mud snow ice rain cloud sky sun moon sea
    ocean wave river lake pond stream waterfall mountain hill valley island beach shore forest jungle desert field
    meadow garden cliff cave fire smoke shadow sunset sunrise storm wind air ground earth palm pine rose tulip daisy
    sunflower seed root`),
  place: split(`park street road sidewalk path highway corner city town village building house home apartment hotel
    restaurant cafe bar kitchen bathroom bedroom room office school classroom library church hospital store shop market
    mall station airport runway platform track stadium court arena zoo farm barn yard playground pool harbor dock
    parking lot garage hallway porch balcony stage museum theater castle factory`),
  doing: split(`standing sitting walking running riding playing holding looking eating drinking wearing jumping flying
    swimming sleeping lying laying driving cooking cutting throwing catching hitting kicking pulling pushing carrying
    reading writing talking smiling laughing watching waiting working posing grazing skiing surfing skating snowboarding
    climbing hanging leaning crossing parked moving floating sailing dancing singing feeding petting brushing cleaning
    washing opening closing pointing reaching using making taking giving going coming stopping turning falling rolling
    growing resting hiding fighting hugging kissing showing`),
  quality:
    split(`old young new big small little large tall short long wide narrow thick thin heavy fat skinny round flat
    straight curved sharp soft hard smooth rough wet dry clean dirty hot cold warm cool bright dark light shiny colorful
    plain striped spotted wooden metal plastic leather stone concrete open closed full empty busy quiet happy sad angry
    funny cute beautiful pretty nice good bad great fresh ripe sliced cooked baked fried grilled sweet sour spicy fast
    slow high low deep shallow early late same different similar single double whole half broken fancy modern antique
    vintage rusty wild tame famous real fake fluffy furry hairy bald tan golden silver gold beige maroon navy lime
    magenta violet turquoise lavender cream sunny cloudy rainy snowy foggy windy`),
  function:
    split(`the a an and or but if then than that this these those it its he she they we you i his her their our my
    your me him them us who whom whose which what when where why how is are was were be been being am do does did done
    has have had having can could will would shall should may might must not no yes in on at by for with from to of into
    onto off over under above below between behind beside near next around through across along against among inside
    outside out up down toward towards during before after while until since because as like about without within upon
    beyond past there here very too also just only even still again always never often sometimes now today tonight soon
    all any some many much more most few less least several each every both either neither other another such own so
    per else ever once twice together apart away nearby everything something nothing anything everyone someone nobody
    please okay`),
  verb: split(`see look show contain include appear seem stand sit lie walk run ride play hold eat drink wear jump fly swim
    sleep drive cook cut throw catch hit kick pull push carry read write talk speak say tell ask answer smile laugh watch
    wait work make take give get put go come stop turn fall start begin end finish use need want know think believe find
    lose keep let help try move live die buy sell pay bring leave enter open close build break draw paint color count
    name call describe match guess choose happen belong sits stands holds wears shows looks has goes eats plays rides
    walks runs flies made taken shown placed filled covered surrounded decorated stacked lined topped dressed tied
    attached mounted painted drawn written printed located visible present missing absent facing`),
  measure:
    split(`zero one two three four five six seven eight nine ten eleven twelve twenty hundred thousand first second
    third fourth last dozen pair number count amount size color colour shape kind type sort style pattern material brand
    time day night morning afternoon evening noon year month week hour minute season summer winter spring fall autumn
    side part end edge middle center centre top bottom front left right corner row column line point dot spot area space
    distance direction position view scene image photo photograph drawing cartoon background foreground object item
    figure circle square triangle rectangle oval diamond heart star cross arrow hexagon pentagon octagon cube sphere cone
    cylinder pyramid polygon stripe letter word logo symbol text message question weather sport tennis baseball soccer
    football basketball hockey golf volleyball race party wedding birthday christmas holiday trip vacation job name age`),
} as const;
export type WordKind = keyof typeof wordKinds;

const countable: readonly WordKind[] = ['thing', 'animal', 'person', 'vehicle', 'food'];

/** More than a thousand words and the regular plurals of the nouns, each once. */
export const commonWords: readonly string[] = [
  ...new Set([...Object.values(wordKinds).flat(), ...countable.flatMap((kind) => wordKinds[kind].map(plural))]),
];
