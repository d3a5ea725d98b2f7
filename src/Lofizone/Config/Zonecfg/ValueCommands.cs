namespace Lofizone.Config.Zonecfg;

/// <summary>The commands add and remove on the values of a property, while a resource is being specified.</summary>
internal static class ValueCommands
{
    /// <summary>The resource with one more value of a property.</summary>
    public static ResourceScope Add(ResourceScope scope, Statement statement)
    {
        (Property property, string value) = Operands(scope, statement);
        string added = property.Kind.Json == JsonForm.List && scope.Values.TryGetValue(property.Name, out string? there)
            ? $"{there},{string.Join(',', ValueKind.Items(value))}"
            : value;
        if (property.Kind.Json != JsonForm.List && scope.Values.ContainsKey(property.Name))
            throw new LofizoneException(
                $"add: {property.Name}: has a value already, and takes one only", $"'set {property.Name}=...' replaces it");
        return PropertyCommands.With(scope, property.Name, added);
    }

    /// <summary>The resource without a value of a property.</summary>
    public static ResourceScope Remove(ResourceScope scope, Statement statement)
    {
        (Property property, string value) = Operands(scope, statement);
        IReadOnlyList<string> there = scope.Values.TryGetValue(property.Name, out string? text)
            ? property.Kind.Json == JsonForm.List ? ValueKind.Items(text) : [text]
            : [];
        if (!there.Contains(value))
            throw new LofizoneException(
                $"remove: {property.Name}: has no value {SafeText.Text(value)}", $"'info' shows the values of this {scope.Type.Name}");
        string left = string.Join(',', there.Where(v => v != value));
        return left.Length > 0 ? PropertyCommands.With(scope, property.Name, left)
            : scope with { Values = scope.Values.Remove(property.Name) };
    }

    private static (Property Property, string Value) Operands(ResourceScope scope, Statement statement)
    {
        if (statement.Properties.Count > 0)
            throw Parser.Wrong(statement.Command, "write PROPERTY VALUE while a resource is being specified");
        if (statement.Operands is not [var name, var value])
            throw Parser.Wrong(statement.Command, "the value is missing");
        Property property = scope.Type.Property(name);
        if (!property.Kind.TakesLists)
            throw new LofizoneException(
                $"{statement.Command.Name}: {name}: takes one value", $"'set {name}=...' sets it, 'clear {name}' takes it back");
        return (property, value);
    }
}
