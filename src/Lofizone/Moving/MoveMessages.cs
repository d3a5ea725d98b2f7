using System.Text.Json.Serialization;
using Lofizone.Install.Update;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>What can be asked of the other host.</summary>
public static class MoveRequests
{
    /// <summary>Whether it could have the zone that is offered.</summary>
    public const string Check = "check";

    /// <summary>Take the zone that was given away.</summary>
    public const string Take = "take";

    /// <summary>What it has to say of a zone that it is to give.</summary>
    public const string Offer = "offer";

    /// <summary>Give the zone that it has offered.</summary>
    public const string Give = "give";

    /// <summary>Take back the zone that it has given.</summary>
    public const string TakeBack = "back";

    /// <summary>The zone that it has given is taken.</summary>
    public const string End = "end";

    /// <summary>The zone that it has offered is not wanted.</summary>
    public const string Leave = "leave";
}

/// <summary>A line to the other host. Messages only ever gain members with defaults, so that versions understand each other.</summary>
/// <param name="Do">One of <see cref="MoveRequests"/>.</param>
/// <param name="Zone">The zone.</param>
public sealed record MoveRequest(string Do, string Zone)
{
    /// <summary>The share as the host that is asked reaches it; null for the URI in the offer.</summary>
    public string? Share { get; init; }

    public ZoneOffer? Offer { get; init; }

    public ZoneGift? Gift { get; init; }

    public UpdateKind Update { get; init; }

    public bool AnyPackages { get; init; }

    /// <summary>Whoever moves the zone has said that the target is to accept what the zone asks for.</summary>
    public bool Accept { get; init; }

    /// <summary>Change nothing.</summary>
    public bool NoExecute { get; init; }

    /// <summary>To whom the zone goes.</summary>
    public ForeignText? To { get; init; }
}

/// <summary>A line from the other host: one of its members is set.</summary>
public sealed record MoveReply
{
    /// <summary>The first line.</summary>
    public MoveHello? Hello { get; init; }

    /// <summary>How far it is; others follow.</summary>
    public ForeignText? Line { get; init; }

    /// <summary>Done.</summary>
    public MoveAnswer? Done { get; init; }

    /// <summary>Not done: why. The host has undone what it did.</summary>
    public ForeignText? Failed { get; init; }

    /// <summary>With <see cref="Failed"/>: what helps.</summary>
    public ForeignText? Advice { get; init; }
}

/// <summary>Who answers.</summary>
/// <param name="Lofizone">Version of these messages.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Host">The host's own name.</param>
/// <param name="HostId">Its ID.</param>
/// <param name="Root">Whether the program runs as root.</param>
public sealed record MoveHello(int Lofizone, ForeignText Version, ForeignText Host, ForeignText HostId, bool Root)
{
    /// <summary>Version of these messages: others than of this one are refused.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Zones that run there.</summary>
    public int Running { get; init; }

    /// <summary>Zones that are installed there, those that run among them.</summary>
    public int Installed { get; init; }
}

/// <summary>What a request that succeeded has brought.</summary>
public sealed record MoveAnswer
{
    public ZoneOffer? Offer { get; init; }

    public ZoneGift? Gift { get; init; }

    public ZoneArrival? Arrival { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 8)]
[JsonSerializable(typeof(MoveRequest))]
[JsonSerializable(typeof(MoveReply))]
internal sealed partial class MoveJson : JsonSerializerContext;
