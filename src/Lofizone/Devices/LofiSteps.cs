using Lofizone.Hosts;

namespace Lofizone.Devices;

/// <summary>
/// The steps of attach and detach in order. Each step is a fault point. Tests walk these lists and kill the process at each step, so that a
/// new step is tested as soon as it is listed.
/// </summary>
internal static class LofiSteps
{
    public const string AttachOperation = "attach";
    public const string DetachOperation = "detach";
    public const string Before = "before";

    public const string Reserve = "reserve";
    public const string Open = "open";
    public const string Engine = "engine";
    public const string Bind = "bind";
    public const string Link = "link";
    public const string Record = "record";
    public const string Owner = "owner";

    public const string Announce = "announce";
    public const string Flush = "flush";
    public const string Disown = "disown";
    public const string Unbind = "unbind";
    public const string StopEngine = "stop-engine";
    public const string Unmount = "unmount";
    public const string Unlink = "unlink";
    public const string Forget = "forget";

    public static IReadOnlyList<string> AttachDir { get; } = [Reserve, Open, Owner, Bind, Link, Record];

    public static IReadOnlyList<string> AttachNfs { get; } = [Reserve, Open, Engine, Bind, Link, Record];

    /// <summary>Announces a step of attach.</summary>
    public static void Attaching(string step) => FaultPoint.Reached(AttachOperation, step, Before);

    /// <summary>Announces a step of detach.</summary>
    public static void Detaching(string step) => FaultPoint.Reached(DetachOperation, step, Before);

    public static IReadOnlyList<string> Detach { get; } = [Announce, Flush, Disown, Unbind, StopEngine, Unmount, Unlink, Forget];
}
